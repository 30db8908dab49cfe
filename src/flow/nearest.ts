// The name an author most likely meant. For the remedies of faults only.
import { distance } from 'fastest-levenshtein';

export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const edits = distance(name.slice(0, 64), candidate);
    if (edits < least) {
      least = edits;
      best = candidate;
    }
  }
  return best;
}

/** "Did you mean …?", or what there is. */
export function meant(name: string, known: Iterable<string>): string {
  const all = [...known];
  const near = nearest(name, all);
  if (near !== undefined) return `Did you mean "${near}"?`;
  if (all.length === 0) return 'There is none to choose from.';
  const shown = all.slice(0, 12).join(', ');
  return `Choose one of: ${shown}${all.length > 12 ? ', …' : ''}.`;
}
