// From the files' sources to a release that can be played, or to all faults at once. Pure: it reads no disk and no clock,
// and throws for nothing that an author can write.
import { createHash } from 'node:crypto';
import type { Fault } from '../core/errors.ts';
import { readTexts, textFileOf } from '../text/load.ts';
import { createTexts } from '../text/texts.ts';
import { type ReadYaml, readYaml } from '../text/yaml.ts';
import { checkFlow, checkSilence } from './check.ts';
import { compileFlow, type Draft } from './compile-flow.ts';
import type { Flow, Release } from './flow.ts';
import type { Report } from './use-text.ts';

export interface CompileOptions {
  readonly defaultLocale: string;
  /** ISO 3166 code by which a phone number without a country is read. */
  readonly country?: string;
  /** Where another reader has read the same files, what it read. */
  readonly yaml?: ReadYaml;
}

/** Commands of the machine's own; a flow may serve as `menu` and `operator`. */
const RESERVED_COMMANDS: ReadonlySet<string> = new Set(
  'start stop cancel back repeat help language skip done join unjoin'.split(' '),
);
/** The flow that is offered when nothing else is asked for. */
export const MENU = 'menu';
/** Files of texts that are not a flow's. */
const TAKEN: ReadonlySet<string> = new Set(
  'flow engine desk channels chat console cli words check'.split(' '),
);
const FLOW_FILE = /^flows\/([^/]+)\.ya?ml$/;
const OWN_TEXTS = ['ok', 'fix', 'files'] as const;

export function compileRelease(
  files: Readonly<Record<string, string>>,
  options: CompileOptions,
): { release?: Release; faults: readonly Fault[] } {
  const { yaml = readYaml } = options;
  const found: Fault[] = [];
  const report: Report = (tree, path, code, message, remedy, { severity = 'error', key = false } = {}) => {
    const place = key ? tree.keyAt(path) : tree.at(path);
    const at = (path[0] === 'nodes' ? path.slice(1) : path).join('.');
    found.push({ file: tree.file, ...place, at, code, message, remedy, severity });
  };
  const whole = (file: string, code: string, message: string, remedy: string): void => {
    found.push({ file, line: 1, column: 1, at: '', code, message, remedy, severity: 'error' });
  };

  const sources = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = new Map<string, string>();
  for (const [file] of sources) {
    const name = FLOW_FILE.exec(file)?.[1];
    if (name === undefined) continue;
    const twin = names.get(name);
    if (twin !== undefined)
      whole(file, 'duplicate_flow', `${twin} holds a flow of that name too.`, 'Keep one of them.');
    names.set(name, file);
    if (TAKEN.has(name)) {
      whole(
        file,
        'reserved_name',
        `A flow cannot be called "${name}": locales/*/${name}.yaml is taken.`,
        'Rename it.',
      );
    }
  }
  // Only texts that flows use: the others have their own reader and change without a new release.
  const wanted = sources.filter(([file]) => {
    const name = textFileOf(file)?.namespace;
    return name === 'flow' || (name !== undefined && names.has(name));
  });
  const texts = readTexts(Object.fromEntries(wanted), yaml);
  found.push(...texts.faults);
  const languages = new Set(sources.flatMap(([file]) => textFileOf(file)?.locale ?? []));
  const all = Object.fromEntries([...languages].map((locale) => [locale, texts.resources[locale] ?? {}]));
  const made = createTexts(all, { defaultLocale: options.defaultLocale });
  if (!languages.has(options.defaultLocale)) {
    const message = `There is no language "${options.defaultLocale}", which is the default one.`;
    whole(
      `locales/${options.defaultLocale}`,
      'missing_locale',
      message,
      'Add its folder, or set another default.',
    );
  }
  for (const locale of languages) {
    for (const key of OWN_TEXTS) {
      if (made.has(locale, `flow:${key}`)) continue;
      const message = `The text "${key}" is missing in "${locale}".`;
      whole(`locales/${locale}/flow.yaml`, 'missing_text', message, 'Add it: every flow may use it.');
    }
  }

  const drafts = new Map<string, Draft>();
  for (const [name, file] of names) {
    const source = files[file] ?? '';
    const { tree, faults } = yaml(file, source);
    found.push(...faults);
    if (!tree) continue;
    const draft = compileFlow({
      name,
      tree,
      texts: made,
      files: texts.files,
      flows: new Set(names.keys()),
      country: options.country ?? 'RU',
      report,
    });
    if (!draft) continue;
    drafts.set(name, draft);
    checkFlow(draft, report);
  }
  checkSilence(drafts, report);
  const commands = commandsOf(drafts, report);
  if (!names.has(MENU)) {
    const message = 'There is no flow "menu", which is played when nothing else is asked for.';
    whole(`flows/${MENU}.yaml`, 'no_menu', message, 'Add it; it may be one "choose" that calls the others.');
  }

  const faults = inOrder(found);
  if (faults.some((fault) => fault.severity === 'error')) return { faults };
  const flows = new Map<string, Flow>();
  for (const draft of drafts.values()) {
    const own = wanted.filter(([file]) => [draft.name, 'flow'].includes(textFileOf(file)?.namespace ?? ''));
    const hash = hashOf([[draft.tree.file, files[draft.tree.file] ?? ''], ...own]);
    flows.set(draft.name, { ...draft.flow, hash });
  }
  const release: Release = {
    hash: hashOf([...flows].map(([name, flow]) => [name, flow.hash])),
    flows,
    commands,
    needsTickets: [...drafts.values()].some((draft) => draft.usesTickets),
    locales: made.locales,
  };
  return { release, faults };
}

function commandsOf(drafts: ReadonlyMap<string, Draft>, report: Report): ReadonlyMap<string, string> {
  const commands = new Map<string, string>();
  for (const { name, flow, tree } of drafts.values()) {
    for (const [index, command] of flow.commands.entries()) {
      if (RESERVED_COMMANDS.has(command)) {
        const message = `The command "${command}" works at any time and cannot begin a flow.`;
        const remedy = `Choose another word; taken are ${[...RESERVED_COMMANDS].join(', ')}.`;
        report(tree, ['start', 'commands', index], 'reserved_command', message, remedy);
      }
      const other = commands.get(command);
      if (other === undefined) {
        commands.set(command, name);
        continue;
      }
      const message = `The command "${command}" begins the flow "${other}" already.`;
      report(tree, ['start', 'commands', index], 'duplicate_command', message, 'Choose another word.');
    }
  }
  return commands;
}

/** By file and place, each once. */
function inOrder(faults: readonly Fault[]): readonly Fault[] {
  const seen = new Set<string>();
  return [...faults]
    .sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1))
    .filter((fault) => {
      const key = [fault.file, fault.line, fault.column, fault.code, fault.message].join('\n');
      if (seen.has(key)) return false;
      seen.add(key);
      return true;
    });
}

function hashOf(parts: readonly (readonly [string, string])[]): string {
  const hash = createHash('sha256');
  for (const [name, source] of parts) hash.update(`${name}\0${source}\0`);
  return hash.digest('base64url').slice(0, 16);
}
