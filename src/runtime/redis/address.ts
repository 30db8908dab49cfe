// Where Redis is: one server, a set watched by Sentinels, or a Cluster. Pure, so that the settings can be checked by it.

export interface RedisHost {
  readonly host: string;
  readonly port: number;
}
interface Access {
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
}
export type RedisAddress =
  | { readonly kind: 'single'; readonly url: string }
  | ({
      readonly kind: 'sentinel';
      readonly hosts: readonly RedisHost[];
      /** The set's name, as the Sentinels know it. */
      readonly name: string;
      readonly db: number;
    } & Access)
  | ({ readonly kind: 'cluster'; readonly hosts: readonly RedisHost[] } & Access);

const SEVERAL =
  /^redis(s)?\+(sentinel|cluster):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^/?#]+)(?:\/([^/?#]*))?(?:\/(\d+))?\/?$/;
const PORTS = { sentinel: 26_379, cluster: 6_379 } as const;

/**
 * `redis://`, `rediss://` as usual; `redis+sentinel://[user:password@]host[:port],…/name[/db]` and
 * `redis+cluster://[user:password@]host[:port],…`, with `rediss+` for TLS. Undefined: it is none of these.
 */
export function readRedisAddress(text: string): RedisAddress | undefined {
  if (/^rediss?:\/\//.test(text)) return URL.canParse(text) ? { kind: 'single', url: text } : undefined;
  const found = SEVERAL.exec(text);
  if (!found) return undefined;
  const [, secure, kind, username, password, list = '', path, db] = found;
  const hosts = list.split(',').map((one) => readHost(one, PORTS[kind as keyof typeof PORTS]));
  if (!hosts.every((host) => host !== undefined)) return undefined;
  const access: Access = {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    tls: secure !== undefined,
  };
  if (kind === 'cluster') return path || db ? undefined : { kind, hosts, ...access };
  return path ? { kind: 'sentinel', hosts, name: path, db: Number(db ?? 0), ...access } : undefined;
}

function readHost(text: string, usual: number): RedisHost | undefined {
  const found = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(text.trim());
  const port = Number(found?.[2] ?? usual);
  if (!found || port < 1 || port > 65_535) return undefined;
  return { host: (found[1] ?? '').replace(/^\[|\]$/g, ''), port };
}
