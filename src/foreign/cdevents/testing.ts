import { isObject, type Statement } from '../envelope.ts';
import { textField, type CdEvent } from './event.ts';
import { outcomeOf } from './run.ts';

type Mapping = (event: CdEvent) => Statement[] | null;

const started: Mapping = (event) => [{ type: 'testing.started', data: stageOf(event) }];

const finished: Mapping = (event) => {
  const outcome = outcomeOf(event);
  if (outcome === null) return null;
  const type = outcome === 'success' ? 'testing.completed' : 'testing.failed';
  return [{ type, data: { ...stageOf(event), outcome, message: textField(event, 'reason') } }];
};

/** `testcase` and `testsuite` are the names of CDEvents 0.1. */
export const TESTING_MAPPINGS: Readonly<Record<string, Mapping>> = {
  'testcaserun.started': started,
  'testcaserun.finished': finished,
  'testsuiterun.started': started,
  'testsuiterun.finished': finished,
  'testcase.started': started,
  'testcase.finished': finished,
  'testsuite.started': started,
  'testsuite.finished': finished,
};

function stageOf(event: CdEvent) {
  const test = event.content['testCase'] ?? event.content['testSuite'];
  const name = isObject(test) && typeof test['name'] === 'string' ? test['name'] : undefined;
  return { id: event.subject.id, name };
}
