import type { Command } from 'commander';
import type { Receipt } from '../../model/receipt.ts';
import { declaredOf, DECLARED_KINDS, stepsOf, type Step } from '../declared.ts';
import { readDefinitions } from '../definition-file.ts';
import type { CliIo } from '../io.ts';
import { refused, showWarnings } from '../receipt.ts';
import { safe } from '../text.ts';

type ApplyFlags = {
  readonly file: readonly string[];
  readonly dryRun?: boolean;
  readonly prune?: boolean;
  readonly wait?: boolean;
  readonly json?: boolean;
};

export function addApply(program: Command, io: CliIo): void {
  program
    .command('apply')
    .description('Declare event types, gates and watches, as files have them.')
    .requiredOption('-f, --file <file...>', 'YAML, several documents in each; - is standard input')
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--prune', 'disable the gates and watches that no file speaks of')
    .option('--wait', 'wait until it is in the graph')
    .addHelpText(
      'after',
      `
Each document has a kind (EventType, Gate, Watch), a name and the fields of the mutation that it stands for. Without a
version it gets the next one where it differs from the newest; the same again changes nothing.

Examples:
  stemma apply -f gates.yaml --dry-run
  stemma apply -f types.yaml -f gates.yaml --prune`,
    )
    .action(async (flags: ApplyFlags) => {
      const definitions = (
        await Promise.all(flags.file.map(async (file) => readDefinitions(file, io)))
      ).flat();
      const declared = definitions.map(declaredOf);
      const service = (await import('../service.ts')).connect(io);
      const wait = flags.wait === true ? 'APPLIED' : 'ACCEPTED';
      const isDry = flags.dryRun === true;
      const done: Step[] = [];
      for (const kind of DECLARED_KINDS) {
        for (const step of await stepsOf(service, kind, declared, flags.prune === true)) {
          if (step.send !== null && !isDry) {
            const { mutation, input } = step.send;
            const { receipt } = await service.graphql<{ receipt: Receipt }>(mutation, {
              ...{ input, wait },
            });
            if (receipt.error !== null) throw refused(receipt);
            showWarnings(receipt, io);
          }
          done.push(step);
          if (flags.json !== true) io.out(textOf(step, isDry));
        }
      }
      if (flags.json !== true) return;
      const applied = done.map(({ kind, name, version, action }) => ({
        ...{ kind, name, version, action },
      }));
      io.out(JSON.stringify({ applied, dryRun: isDry }));
    });
}

function textOf({ kind, name, version, action }: Step, isDry: boolean): string {
  const would = isDry && action !== 'unchanged' ? 'would be ' : '';
  return `${kind}\t${safe(name)}@${version}\t${would}${action}`;
}
