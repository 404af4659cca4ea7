import type { Command } from 'commander';
import { busKeys } from '../../bus/keys.ts';
import { connectRedis, serverOf, whenConnected } from '../../bus/redis.ts';
import { readSettings } from '../../environment.ts';
import { createGraph } from '../../graph/driver.ts';
import { readRules } from '../../graph/rules.ts';
import { loadStatements } from '../../graph/statement.ts';
import { formatDoctor, runDoctor, type DoctorOptions } from '../doctor.ts';
import { EXIT } from '../exit.ts';
import type { CliIo } from '../io.ts';

export function addDoctor(program: Command, io: CliIo): void {
  program
    .command('doctor')
    .description('check what Stemma needs: what was found, what is missing and how to get it')
    .option('--json', 'print the report as JSON')
    .addHelpText('after', '\nExamples:\n  stemma doctor\n  stemma doctor --json')
    .action(async (options: { readonly json?: boolean }) => {
      const settings = readSettings();
      const report = await runDoctor({
        environment: process.env,
        home: settings.home,
        port: settings.STEMMA_PORT,
        nodeVersion: process.versions.node,
        probeRedis,
        probeNeo4j,
      });
      io.out(options.json === true ? JSON.stringify(report) : formatDoctor(report));
      if (!report.ok) io.exitWith(EXIT.unexpected);
    });
}

const probeRedis: DoctorOptions['probeRedis'] = async (url) => {
  const redis = connectRedis({ url, name: 'doctor' });
  try {
    await whenConnected(redis, 3_000);
    const server = await serverOf(redis, busKeys().counter);
    const info = await server.info('server');
    const config = async (name: string): Promise<string> => {
      const reply = await server.config('GET', name); // flat name and value
      return reply[1] ?? '';
    };
    return {
      version: /redis_version:(\S+)/.exec(info)?.[1] ?? 'unknown',
      appendOnly: (await config('appendonly')) === 'yes',
      maxmemoryPolicy: await config('maxmemory-policy'),
    };
  } finally {
    redis.disconnect();
  }
};

const probeNeo4j: DoctorOptions['probeNeo4j'] = async ({ uri, user, password }) => {
  const graph = createGraph({ uri, user, password });
  try {
    const version = await graph.version();
    return { version, rules: await readRules(graph, loadStatements()) };
  } finally {
    await graph.close();
  }
};
