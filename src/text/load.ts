// Reads locales/<language>/<namespace>.yaml. A language is one folder; a file that cannot be read becomes faults,
// never half a language. `readTexts` is pure; `loadTexts` is the only one that touches the disk.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault } from '../core/errors.ts';
import type { Resources } from './texts.ts';
import { type ReadYaml, readYaml, type YamlTree } from './yaml.ts';

export interface TextFile {
  readonly locale: string;
  readonly namespace: string;
  readonly tree: YamlTree;
}

const TEXT_FILE = /^locales\/([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\/([a-z0-9_-]+)\.ya?ml$/;

/** Which language and namespace a path stands for; nothing when it is no text file. */
export function textFileOf(path: string): { locale: string; namespace: string } | undefined {
  const match = TEXT_FILE.exec(path);
  return match?.[1] && match[2] ? { locale: match[1], namespace: match[2] } : undefined;
}

/** From the files' sources, by path. */
export function readTexts(
  sources: Readonly<Record<string, string>>,
  yaml: ReadYaml = readYaml,
): {
  resources: Resources;
  files: readonly TextFile[];
  faults: readonly Fault[];
} {
  const resources: Record<string, Record<string, unknown>> = Object.create(null);
  const files: TextFile[] = [];
  const faults: Fault[] = [];
  for (const [file, source] of Object.entries(sources)) {
    const name = textFileOf(file);
    if (!name) continue;
    const read = yaml(file, source);
    faults.push(...read.faults);
    if (!read.tree) continue;
    const value = read.tree.value ?? Object.create(null);
    if (typeof value !== 'object' || Array.isArray(value)) {
      faults.push({
        file,
        ...read.tree.at([]),
        at: '',
        code: 'bad_value',
        message: 'A file of texts is a list of "key: text".',
        remedy: 'Write one "key: text" a line.',
        severity: 'error',
      });
      continue;
    }
    resources[name.locale] ??= Object.create(null);
    const namespaces = resources[name.locale];
    if (namespaces) namespaces[name.namespace] = value;
    files.push({ ...name, tree: read.tree });
  }
  return { resources, files, faults };
}

/** All of a folder that holds one folder a language. Paths in faults begin with `locales/`. */
export function loadTexts(folder: string): {
  resources: Resources;
  faults: readonly Fault[];
  sources: Readonly<Record<string, string>>;
} {
  const sources = readLocaleFiles(folder);
  const { resources, faults } = readTexts(sources);
  return { resources, faults, sources };
}

/** The sources under `locales/<language>/`, by the path that faults name. */
export function readLocaleFiles(folder: string): Readonly<Record<string, string>> {
  const sources: Record<string, string> = {};
  for (const locale of readdirSync(folder, { withFileTypes: true })) {
    if (!locale.isDirectory()) continue;
    for (const name of readdirSync(join(folder, locale.name)).sort()) {
      const path = `locales/${locale.name}/${name}`;
      if (textFileOf(path)) sources[path] = readFileSync(join(folder, locale.name, name), 'utf8');
    }
  }
  return sources;
}
