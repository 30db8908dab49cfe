// The recorded updates of each network, and every place in them.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Path, pathsOf } from './mutate.ts';

export const NETWORKS = ['telegram', 'vk', 'max', 'whatsapp-cloud', 'whatsapp-web'] as const;
export type Network = (typeof NETWORKS)[number];

export interface Base {
  /** JSON. */
  readonly update: string;
  readonly paths: readonly Path[];
}

const FILES: Readonly<Record<Network, readonly string[]>> = {
  telegram: ['telegram'],
  vk: ['vk'],
  max: ['max'],
  'whatsapp-cloud': ['whatsapp-cloud'],
  'whatsapp-web': ['whatsapp-library', 'whatsapp-said'],
};

export function corpusOf(network: Network): readonly Base[] {
  return FILES[network].flatMap((file) => {
    const text = readFileSync(join(import.meta.dirname, 'corpus', `${file}.json`), 'utf8');
    return (JSON.parse(text) as object[]).map((update) => ({
      update: JSON.stringify(update),
      paths: pathsOf(update),
    }));
  });
}
