// The dialogues and their texts, by the same reading and compiling that the program and `check` do.
import { existsSync, readdirSync } from 'node:fs';
import { readSources } from '../app/library.ts';
import { type Finding, finding } from '../channels/examine.ts';
import { compileRelease } from '../flow/parse.ts';

export function examineFlows(
  folders: { readonly flows: string; readonly locales: string },
  defaultLocale: string,
): readonly Finding[] {
  if (!existsSync(folders.flows))
    return [finding('flows', 'error', 'flows.no_folder', { folder: folders.flows })];
  const languages = readdirSync(folders.locales);
  if (!languages.includes(defaultLocale))
    return [
      finding('flows', 'error', 'flows.no_language', {
        locale: defaultLocale,
        languages: languages.join(', '),
      }),
    ];
  const { release, faults } = compileRelease(readSources(folders), { defaultLocale });
  const found = faults.map(({ file, line, column, message, remedy, severity }) =>
    finding('flows', severity, 'flows.fault', { file, line, column, message, remedy }),
  );
  if (!release) return found;
  const nodes = [...release.flows.values()].reduce((sum, flow) => sum + flow.nodes.size, 0);
  return [...found, finding('flows', 'ok', 'flows.sound', { flows: release.flows.size, nodes })];
}
