import { checkRepository, repositoryKey } from '../model/repository-key.ts';
import type { NodeRef } from '../model/node.ts';
import { checkKey } from '../model/text.ts';
import { stated } from '../model/change.ts';
import { createCollector, ms } from './collector.ts';
import type { Handler } from './handler.ts';

export const commitCreated: Handler<'source.commit.created'> = (data) => {
  const changes = createCollector();
  const commit = changes.state('Commit', data.commit, {
    message: stated({ message: data.message }),
    author: stated({ authorName: data.author?.name, authorEmail: data.author?.email }),
    authored: stated({ authoredAt: ms(data.authoredAt), authoredAtText: data.authoredAtText }),
    committer: stated({
      committerName: data.committer?.name,
      committerEmail: data.committer?.email,
      committedAt: ms(data.committedAt),
      committedAtText: data.committedAtText,
    }),
    link: stated({ url: data.url }),
  });
  if (data.repository !== undefined) {
    changes.link('IN_REPOSITORY', commit, changes.repository(data.repository));
  }
  for (const parent of data.parents ?? []) {
    changes.link('PARENT', commit, { label: 'Commit', key: parent });
  }
  return changes.finish({ subject: commit });
};

/** A branch or tag is a thing without a digest that resolves to a commit from now on: tags move. */
export const branchCreated: Handler<'source.branch.created'> = (data) => {
  const changes = createCollector();
  const folder = data.refType === 'tag' ? 'tags' : 'heads';
  const name = `refs/${folder}/${data.name}`;
  const key = checkKey(`${repositoryKey(data.repository)}@${name}`, 'name');
  const ref = changes.state('Resource', key, { name: stated({ name: data.name }) });
  const repository = changes.repository(data.repository);
  if (data.commit !== undefined) {
    const commit: NodeRef = { label: 'Commit', key: data.commit };
    changes.link('RESOLVED_TO', ref, commit);
    changes.link('IN_REPOSITORY', commit, repository);
  }
  return changes.finish({ subject: ref });
};

export const changeMerged: Handler<'source.change.merged'> = (data, { at }) => {
  const changes = createCollector();
  if (data.commit === undefined) return changes.finish();
  const commit = changes.state('Commit', data.commit, {
    change: stated({ changeUrl: data.change, changeTitle: data.title, mergedAt: at }),
  });
  if (data.repository !== undefined) {
    changes.link('IN_REPOSITORY', commit, changes.repository(data.repository));
  }
  return changes.finish({ subject: commit });
};

/**
 * A name stands for the repository of its number until a later event says another number: who renames a repository and gives its old
 * name to a new one has two. Numbers count within their host. Names have no case: who numbers repositories is a forge.
 */
export const repositoryNamed: Handler<'source.repository.named'> = (data) => {
  const changes = createCollector();
  const host = hostOf(repositoryKey(data.repository));
  const repository = changes.repository(data.repository, `https://${host}`);
  const identity = { hostId: checkKey(`${host}/${data.hostId}`, 'hostId') };
  changes.state('Repository', repository.key, { identity });
  if (data.formerly !== undefined) {
    const former = repositoryKey(data.formerly, true);
    if (hostOf(former) === host) changes.state('Repository', former, { identity });
  }
  return changes.finish({ subject: repository });
};

/**
 * Refuses a repository whose canonical URL is too long for an identifier: as it is written, each spelling would be one of its own.
 *
 * @throws StemmaError BAD_USER_INPUT
 */
export function checkRepositories(data: object): void {
  for (const [field, address] of Object.entries(data)) {
    const isOne = field === 'repository' || field === 'formerly';
    if (isOne && typeof address === 'string') checkRepository(address, field);
  }
}

function hostOf(key: string): string {
  return URL.canParse(key) ? new URL(key).host : '';
}
