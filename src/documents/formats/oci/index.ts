import type { Format } from '../format.ts';
import { attestationsIn, isImageIndex, parseImageIndex } from './image-index.ts';

/** @see https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md */
export const imageIndex: Format = {
  title: 'OCI image index',
  is: isImageIndex,
  parse: parseImageIndex,
  notRead(value) {
    const count = attestationsIn(value);
    return count === 0 ? [] : [`attestations of its images (${count}): submit them by themselves`];
  },
};
