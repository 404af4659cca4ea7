import { lookup, type LookupAddress } from 'node:dns';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { messageOf } from '../errors.ts';

/** Why a request did not do what it was to do. */
export class TargetError extends Error {
  /** Whether the same again may succeed. */
  readonly retryable: boolean;
  /** When the target wants to be asked again, ms from now; null where it did not say. */
  readonly retryAfterMs: number | null;

  constructor(
    message: string,
    { retryable, retryAfterMs = null }: { retryable: boolean; retryAfterMs?: number | null },
  ) {
    super(message);
    this.name = 'TargetError';
    this.retryable = retryable;
    this.retryAfterMs = retryAfterMs;
  }
}

export type Request = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type Targets = {
  /**
   * Sends a POST request to a public address, or to what is allowed beside. The address is looked at where the connection is made, so that
   * nothing changes between the look and the use; no redirect is followed.
   *
   * @throws TargetError where the answer is none of 2xx, or there is none
   */
  post(request: Request): Promise<void>;
};

export type TargetsOptions = {
  /** `host` or `host:port` in the own network. */
  readonly allowed: readonly string[];
  readonly timeoutMs?: number;
};

const TIMEOUT_MS = 10_000;
/** Of an answer, to say what was wrong. */
const MAX_ANSWER = 64 * 1024;
const MAX_RETRY_AFTER_MS = 3_600_000;

/** @see IANA's registries of special-purpose addresses (RFC 6890) */
const FORBIDDEN = new BlockList();
for (const [network, prefix] of [
  ...([
    ['0.0.0.0', 8],
    ['10.0.0.0', 8],
    ['100.64.0.0', 10],
    ['127.0.0.0', 8],
  ] as const),
  ...([
    ['169.254.0.0', 16],
    ['172.16.0.0', 12],
    ['192.0.0.0', 24],
    ['192.0.2.0', 24],
  ] as const),
  ...([
    ['192.88.99.0', 24],
    ['192.168.0.0', 16],
    ['198.18.0.0', 15],
  ] as const),
  ...([
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
  ] as const),
] as const) {
  FORBIDDEN.addSubnet(network, prefix, 'ipv4');
}
// of IPv6, only what is globally unicast, without what stands for an address of IPv4, or is for documentation
const GLOBAL_6 = new BlockList();
GLOBAL_6.addSubnet('2000::', 3, 'ipv6');
for (const [network, prefix] of [
  ...([
    ['2001::', 23],
    ['2001:db8::', 32],
    ['2002::', 16],
    ['3fff::', 20],
  ] as const),
] as const) {
  FORBIDDEN.addSubnet(network, prefix, 'ipv6');
}

/** Whether an address is one of the public internet. Pure. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !FORBIDDEN.check(address, 'ipv4');
  return GLOBAL_6.check(address, 'ipv6') && !FORBIDDEN.check(address, 'ipv6');
}

export function createTargets({ allowed, timeoutMs = TIMEOUT_MS }: TargetsOptions): Targets {
  return {
    async post({ url: text, headers, body }) {
      const url = parse(text);
      const host = hostOf(url);
      const isAllowed = allowed.includes(host) || allowed.includes(`${host}:${portOf(url)}`);
      if (!isAllowed && isIP(host) !== 0 && !isPublic(host)) throw forbidden(host);
      const send = url.protocol === 'https:' ? requestHttps : requestHttp;
      const { status, answer, retryAfter } = await new Promise<Answer>((resolve, reject) => {
        const request = send(
          url,
          {
            ...{ method: 'POST', agent: false, signal: AbortSignal.timeout(timeoutMs) },
            headers: { ...headers, 'content-length': Buffer.byteLength(body) },
            ...(isAllowed ? {} : { lookup: publicLookup }),
          },
          (response) => {
            read(response).then(resolve, reject);
          },
        );
        request.on('error', reject);
        request.end(body);
      }).catch((error: unknown) => {
        throw failureOf(error, host, timeoutMs);
      });
      if (status >= 200 && status < 300) return;
      throw refusal(status, answer, retryAfter);
    },
  };
}

/** Why nothing is ever sent to a URL, or null: what can be told without asking for its address. Pure. */
export function urlProblem(text: string): string | null {
  if (!URL.canParse(text)) return `'${text.slice(0, 200)}' is not a URL`;
  const { protocol, username, password } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') return `${protocol} is not http: or https:`;
  return username !== '' || password !== ''
    ? 'a URL with credentials; give a secret by its name instead'
    : null;
}

/** Whether a URL names an address that is not one of the public internet; of a name only its address tells. Pure. */
export function isInnerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const host = hostOf(new URL(text));
  return (
    host === 'localhost' || host.endsWith('.localhost') || (isIP(host) !== 0 && !isPublic(host))
  );
}

/** @throws TargetError TARGET_FORBIDDEN */
function parse(text: string): URL {
  const problem = urlProblem(text);
  if (problem !== null) throw final(`TARGET_FORBIDDEN: ${problem}`);
  return new URL(text);
}

/** As the parser of URLs has it: decimal, octal and hex addresses are dotted then. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function portOf({ port, protocol }: URL): string {
  if (port !== '') return port;
  return protocol === 'https:' ? '443' : '80';
}

/** All addresses of a name have to be public: which of them is tried is not up to us. */
const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, found) => {
    if (error !== null) {
      callback(error, '', 4);
      return;
    }
    const addresses: LookupAddress[] = found;
    const inner = addresses.find(({ address }) => !isPublic(address));
    const [first] = addresses;
    if (inner !== undefined || first === undefined) callback(forbidden(hostname), '', 4);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

type Answer = {
  readonly status: number;
  readonly answer: string;
  readonly retryAfter: string | null;
};

async function read(response: IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_ANSWER) break; // the rest says nothing that anybody reads
  }
  const answer = Buffer.concat(chunks).toString('utf8').slice(0, MAX_ANSWER);
  return { status, answer, retryAfter: headers['retry-after'] ?? null };
}

function refusal(status: number, answer: string, retryAfter: string | null): TargetError {
  const said = answer.replaceAll(/\s+/g, ' ').trim().slice(0, 200);
  const message = `it answered ${status}${said === '' ? '' : `: ${said}`}`;
  if (status >= 300 && status < 400) {
    return final(`TARGET_FORBIDDEN: ${message}; redirects are not followed, give the final URL`);
  }
  const isFinal = status >= 400 && status < 500 && ![408, 425, 429].includes(status);
  return new TargetError(message, {
    retryable: !isFinal,
    retryAfterMs: retryAfter === null ? null : toMs(retryAfter),
  });
}

/** @see RFC 9110 section 10.2.3 */
function toMs(retryAfter: string): number | null {
  const ms = /^\d+$/.test(retryAfter)
    ? Number(retryAfter) * 1_000
    : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), MAX_RETRY_AFTER_MS) : null;
}

function failureOf(error: unknown, host: string, timeoutMs: number): TargetError {
  if (error instanceof TargetError) return error;
  const isLate =
    typeof error === 'object' && error !== null && 'code' in error && error.code === 'ABORT_ERR';
  const why = isLate ? `no answer within ${timeoutMs / 1_000} s` : messageOf(error);
  return new TargetError(`${host.slice(0, 120)}: ${why}`, { retryable: true });
}

function forbidden(host: string): TargetError {
  return final(
    `TARGET_FORBIDDEN: ${host.slice(0, 120)} is not in the public internet; STEMMA_ALLOWED_TARGETS names what is allowed beside`,
  );
}

function final(message: string): TargetError {
  return new TargetError(message, { retryable: false });
}
