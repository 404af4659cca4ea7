import type { Format } from '../format.ts';
import { npmAudit, pipAudit } from './audits.ts';
import { grype } from './grype.ts';
import { osvScanner } from './osv-scanner.ts';
import { sarif } from './sarif.ts';
import { trivy } from './trivy.ts';

/** Results of scanners: findings, with the scanner as claimant. */
export const findings: readonly Format[] = [trivy, grype, osvScanner, npmAudit, pipAudit, sarif];
