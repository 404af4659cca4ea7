import type { Format } from '../format.ts';
import { isOpenVex, parseOpenVex } from './statements.ts';

/** @see https://github.com/openvex/spec/blob/main/OPENVEX-SPEC.md (0.2.0) */
export const openVex: Format = { title: 'OpenVEX', is: isOpenVex, parse: parseOpenVex };
