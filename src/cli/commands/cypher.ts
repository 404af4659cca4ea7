import type { Command } from 'commander';
import type { Plan } from '../../graph/driver.ts';
import { loadStatements, type Statement, type Statements } from '../../graph/statement.ts';
import { unknownName } from '../../model/nearest.ts';
import { usage } from '../exit.ts';
import type { CliIo } from '../io.ts';
import { printTable } from '../questions.ts';

type ListFlags = { readonly json?: boolean };
type ShowFlags = { readonly explain?: boolean; readonly json?: boolean };

/** Files of schema commands: they run one by one, and no plan is made for them. */
const SCHEMA = 'schema/';

export function addCypher(program: Command, io: CliIo): void {
  const cypher = program
    .command('cypher')
    .description('Show the statements that Neo4j gets from Stemma, exactly as they run.')
    .addHelpText(
      'after',
      `
The names are those in the metadata of transactions (SHOW TRANSACTIONS) and in the query log of Neo4j.

Examples:
  stemma cypher list lineage/
  stemma cypher show lineage/walk/UPSTREAM/plain/10 --explain`,
    );

  cypher
    .command('list')
    .description('List the statements, each with what it is for.')
    .argument('[prefix]', 'only names that begin so', '')
    .addHelpText('after', '\nExamples:\n  stemma cypher list write/')
    .action((prefix: string, { json }: ListFlags) => {
      const statements = loadStatements();
      const listed = statements.names
        .filter((name) => name.startsWith(prefix))
        .map((name) => statements.get(name));
      if (json === true) {
        const headers = listed.map(({ name, purpose, params, returns }) => ({
          ...{ name, purpose, params, returns },
        }));
        io.out(JSON.stringify({ version: 1, statements: headers }));
      } else
        printTable(
          listed.map(({ name, purpose }) => [name, purpose]),
          io,
        );
    });

  cypher
    .command('show')
    .description('Print a statement.')
    .argument('<name>', 'its name, as stemma cypher list prints it')
    .option('--explain', 'also how the database would run it, which reads no data and writes none')
    .addHelpText(
      'after',
      `
--explain asks Neo4j itself: NEO4J_URI, or that of the service that runs here.

Examples:
  stemma cypher show write/node/Build
  stemma cypher show lookup/neighbors/USED/OUT/asc --explain`,
    )
    .action(async (name: string, { explain, json }: ShowFlags) => {
      const statement = statementNamed(name, loadStatements());
      const plan = explain === true ? await planOf(statement, io) : null;
      if (json === true) {
        io.out(JSON.stringify({ version: 1, ...statement, ...(plan === null ? {} : { plan }) }));
        return;
      }
      io.out(withHeader(statement));
      if (plan !== null) io.out(`\n${plan}`);
    });
}

/** A statement as a file of `cypher/` without placeholders would be. */
export function withHeader({ purpose, params, returns, text }: Statement): string {
  const names = params.length === 0 ? '-' : params.join(', ');
  return `// purpose: ${purpose}\n// params: ${names}\n// returns: ${returns}\n${text}`;
}

function statementNamed(name: string, statements: Statements): Statement {
  if (statements.names.includes(name)) return statements.get(name);
  const variants = statements.names.filter((one) => one.startsWith(`${name}/`));
  const [first] = variants;
  if (first === undefined) throw unknownName('statement', name, pathsOf(statements), 'name');
  throw usage(
    `'${name}' stands for ${variants.length} statements: give the name of one, such as ${first} (stemma cypher list ${name}/).`,
  );
}

/** Names, and what several of them begin with. */
function pathsOf({ names }: Statements): string[] {
  const paths = names.flatMap((name) =>
    name.split('/').map((_, at, parts) => parts.slice(0, at + 1).join('/')),
  );
  return [...new Set(paths)];
}

async function planOf(statement: Statement, io: CliIo): Promise<string> {
  if (statement.name.startsWith(SCHEMA)) {
    throw usage(`'${statement.name}' changes the schema: Neo4j has no plan for it.`);
  }
  const { withDatabase } = await import('../database.ts');
  const plan = await withDatabase(io, ({ graph }) => graph.explain(statement, {}));
  return planLines(plan).join('\n');
}

/** From the result down to what is read first; where an operator has two inputs, both are set in. */
function planLines({ operatorType, arguments: details, children = [] }: Plan): string[] {
  const { Details, EstimatedRows: rows } = details;
  const estimate = typeof rows === 'number' ? ` (about ${Math.round(rows)} rows)` : '';
  const inputs = children.map(planLines);
  return [
    `${operatorType.replace(/@.*$/, '')}${estimate} ${typeof Details === 'string' ? Details.replaceAll(/\s+/g, ' ') : ''}`,
    ...(inputs.length === 1 ? inputs : inputs.map((lines) => lines.map((line) => `  ${line}`))),
  ].flat();
}
