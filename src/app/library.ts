// The flows and texts as they are on disk, compiled; every release that a talk may still be in, from the store.
// A broken edit keeps the last good release in use: its faults are told, running talks are not touched.
import { existsSync, readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { type Fault, FlowError } from '../core/errors.ts';
import { compileWords, type RawWords, type Words } from '../engine/answer/index.ts';
import type { Release } from '../flow/flow.ts';
import { compileRelease } from '../flow/parse.ts';
import type { Log } from '../log.ts';
import { errorFields } from '../log.ts';
import type { Releases, Settings } from '../store/store.ts';
import { readLocaleFiles, readTexts } from '../text/load.ts';
import { createTexts, type Texts } from '../text/texts.ts';
import { type ReadYaml, readYamlOnce } from '../text/yaml.ts';

export interface LibraryFolders {
  readonly flows: string;
  readonly locales: string;
}

export interface FlowState {
  readonly name: string;
  readonly title?: string;
  readonly hash?: string;
  readonly nodes: number;
  readonly faults: readonly Fault[];
  readonly changedAt?: number;
}

export interface Library {
  readonly current: () => Release;
  readonly release: (hash: string) => Release | undefined;
  /** Loads a release from the store, so that `release` knows it. */
  ensure(hash: string): Promise<void>;
  readonly texts: () => Texts;
  readonly words: () => Words;
  /** An option's id in words, as the flows in use call it. */
  labelOf(locale: string, id: string): string | undefined;
  states(): readonly FlowState[];
  /** Reads the disk again; gives the faults, none when the new release is in use. */
  reload(): Promise<readonly Fault[]>;
  /** Takes the release that was put in use last, perhaps by another process; true: it is another than before. */
  follow(): Promise<boolean>;
  watch(changed: (faults: readonly Fault[]) => void): () => void;
}

/** Files are written in bursts; they are read once it is quiet. */
const QUIET = 200;

export async function openLibrary(options: {
  readonly folders: LibraryFolders;
  readonly releases: Releases;
  readonly settings: Settings;
  readonly defaultLocale: string;
  readonly clock: () => number;
  readonly log: Log;
}): Promise<Library> {
  const { releases, settings, defaultLocale, log } = options;
  const known = new Map<string, Release>();
  let current: Release | undefined;
  /** Of what was read here last: only an edit of it counts as new, not a difference to what others have put in use. */
  let onDisk: string | undefined;
  let faults: readonly Fault[] = [];
  let texts: Texts | undefined;
  let words: Words | undefined;
  let changedAt: number | undefined;

  const compile = (files: Readonly<Record<string, string>>, yaml = readYamlOnce()) =>
    compileRelease(files, { defaultLocale, yaml });

  function readMachineTexts(sources: Readonly<Record<string, string>>, yaml: ReadYaml): void {
    const read = readTexts(sources, yaml);
    if (read.faults.length > 0 && texts) return;
    if (read.faults.length > 0) throw new FlowError(read.faults);
    const nextWords = compileWords(
      Object.fromEntries(
        Object.entries(read.resources).map(([locale, all]) => [locale, (all.words ?? {}) as RawWords]),
      ),
    );
    const onMissing = (locale: string, key: string): void => log.error({ locale, key }, 'a text is missing');
    texts = createTexts(read.resources, { defaultLocale, onMissing });
    words = nextWords;
  }

  async function reload(): Promise<readonly Fault[]> {
    const sources = readSources(options.folders);
    const yaml = readYamlOnce();
    readMachineTexts(sources, yaml);
    const compiled = compile(sources, yaml);
    faults = compiled.faults;
    if (!compiled.release) return faults;
    const { release } = compiled;
    if (release.hash === onDisk) return faults;
    await releases.put({ hash: release.hash, files: playedFiles(sources, release), at: options.clock() });
    await settings.set('release', release.hash);
    onDisk = release.hash;
    known.set(release.hash, release);
    current = release;
    changedAt = options.clock();
    return faults;
  }

  async function follow(): Promise<boolean> {
    const hash = await settings.get('release');
    if (hash === undefined || hash === current?.hash) return false;
    await ensure(hash);
    const release = known.get(hash);
    if (!release) return false;
    current = release;
    changedAt = options.clock();
    return true;
  }

  async function ensure(hash: string): Promise<void> {
    if (known.has(hash)) return;
    const stored = await releases.get(hash);
    const release = stored && compile(stored.files).release;
    if (!release)
      return void log.error({ release: hash }, 'a talk began in a release that cannot be played any more');
    known.set(hash, { ...release, hash });
  }

  await reload();
  if (!current) {
    const last = await settings.get('release');
    if (last !== undefined) await ensure(last);
    current = last === undefined ? undefined : known.get(last);
    if (!current) throw new FlowError(faults);
  }

  return {
    current: () => current!,
    release: (hash) => known.get(hash),
    ensure,
    labelOf(locale, id) {
      for (const flow of current!.flows.values()) {
        for (const node of flow.order) {
          const label = node.kind === 'choose' && !node.skip ? node.show?.(id, locale) : undefined;
          if (label !== undefined && label !== id) return label;
        }
      }
      return undefined;
    },
    texts: () => texts!,
    words: () => words!,
    states() {
      const inUse = current!;
      const broken = new Set(
        faults.map((fault) => /^flows\/(.+)\.ya?ml$/.exec(fault.file)?.[1] ?? fault.file),
      );
      const names = new Set([...inUse.flows.keys(), ...broken]);
      return [...names].sort().map((name) => {
        const flow = inUse.flows.get(name);
        const title = flow?.title?.(defaultLocale);
        return {
          name,
          ...(title === undefined ? {} : { title }),
          ...(flow ? { hash: flow.hash } : {}),
          nodes: flow?.nodes.size ?? 0,
          faults: faults.filter((fault) => isAbout(fault.file, name)),
          ...(changedAt === undefined ? {} : { changedAt }),
        };
      });
    },
    reload,
    follow,
    watch(changed) {
      let timer: NodeJS.Timeout | undefined;
      const again = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => {
          reload().then(changed, (error: unknown) =>
            log.error(errorFields(error), 'flows could not be read again; the last good ones stay'),
          );
        }, QUIET);
      };
      const watchers = [options.folders.flows, options.folders.locales]
        .filter((folder) => existsSync(folder))
        .map((folder) => watch(folder, { recursive: true }, again));
      return () => {
        clearTimeout(timer);
        for (const one of watchers) one.close();
      };
    },
  };
}

const isAbout = (file: string, name: string): boolean =>
  file === name || new RegExp(`^(flows|locales/[^/]+)/${name.replace(/[^\w-]/g, '')}\\.ya?ml$`).test(file);

/** `flows/<name>.yaml` and `locales/<language>/<name>.yaml`; texts of one's own flows may lie beside them in `<flows>/locales`. */
export function readSources(folders: LibraryFolders): Readonly<Record<string, string>> {
  const sources: Record<string, string> = { ...readLocaleFiles(folders.locales) };
  const own = join(folders.flows, 'locales');
  if (existsSync(own)) Object.assign(sources, readLocaleFiles(own));
  for (const name of readdirSync(folders.flows).sort()) {
    if (/\.ya?ml$/.test(name)) sources[`flows/${name}`] = readFileSync(join(folders.flows, name), 'utf8');
  }
  return sources;
}

/** What the release was made of, and nothing else: enough to play it again. */
function playedFiles(
  sources: Readonly<Record<string, string>>,
  release: Release,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(sources).filter(([file]) => {
      const name = /([^/]+)\.ya?ml$/.exec(file)?.[1] ?? '';
      return file.startsWith('flows/') || name === 'flow' || release.flows.has(name);
    }),
  );
}
