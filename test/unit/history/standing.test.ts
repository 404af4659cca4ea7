import { describe, expect, it } from '@jest/globals';
import { foldDeployment, type ClaimingEvent } from '../../../src/history/standing.ts';
import { NOW } from '../../../src/model/moment.ts';

const day = Date.UTC(2026, 4, 1);
const ref = { label: 'Deployment', key: 'urn:cd#d' } as const;

function said(
  n: number,
  type: string,
  endings: ClaimingEvent['endings'] = [],
  rest: object = {},
): ClaimingEvent {
  const time = new Date(day + n).toISOString();
  const data = { deployment: 'd', ...rest };
  const envelope = { specversion: '1.0', id: `e${n}`, source: 'urn:cd', type, time, data };
  return { n, type, acceptedAt: day + n, body: JSON.stringify(envelope), endings };
}
const place = { environment: 'prod', name: 'D', commit: '5d'.repeat(20) };

describe('a deployment without what was withdrawn of it', () => {
  it('is what it is said to be where nothing was', () => {
    const events = [said(1, 'deployment.created', [], place), said(2, 'deployment.completed')];
    expect(foldDeployment(events, ref, NOW)).toMatchObject({ completedAt: day + 2, name: 'D' });
    expect(foldDeployment([], ref, NOW)).toBeNull();
  });

  it('has the earlier word again from then on, as far as it is known', () => {
    const events = [
      said(1, 'deployment.created', [], place),
      said(2, 'deployment.completed'),
      said(5, 'deployment.completed', [[day + 9, 7]]),
    ];
    const completedAt = (at: { valid?: number; known?: number }) =>
      foldDeployment(events, ref, { ...NOW, ...at })?.['completedAt'];
    expect(completedAt({})).toBe(day + 2);
    expect(completedAt({ valid: day + 8 })).toBe(day + 5);
    expect(completedAt({ known: 6 })).toBe(day + 5);
    expect(completedAt({ known: 4 })).toBe(day + 2);
  });

  it('has its name and no life where nobody says any more that it was created', () => {
    const events = [
      said(1, 'deployment.created', [[day + 9, 7]], place),
      said(2, 'deployment.completed'),
    ];
    const gone = foldDeployment(events, ref, NOW);
    expect(gone).toMatchObject({ name: 'D' });
    expect([gone?.['createdAt'], gone?.['completedAt']]).toEqual([undefined, undefined]);
    const again = [...events, said(3, 'deployment.created', [], place)];
    expect(foldDeployment(again, ref, NOW)).toMatchObject({ completedAt: day + 2 });
  });
});
