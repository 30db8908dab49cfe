// A vote in a poll, as a phone casts it: a new one takes the place of the one before, an empty one takes it back.
import type { WireKey, WireMessage, WirePollOption } from './wire-format.ts';
import type { World } from './world.ts';

export function castVote(
  world: World,
  cast: {
    readonly key: WireKey;
    readonly poll: WireMessage;
    readonly voter: string;
    readonly labels: readonly string[];
  },
): void {
  const { key, poll, voter, labels } = cast;
  const options = (poll.pollOptions ?? []) as readonly WirePollOption[];
  const chosen = labels.map((label) => {
    const option = options.find(({ name }) => name === label);
    if (option === undefined) throw new Error(`the poll has no option "${label}"`);
    return option.localId;
  });
  if (poll.pollSelectableOptionsCount === 1 && chosen.length > 1)
    throw new Error('this poll takes one option');
  const vote = { key, poll: poll.key, voter, chosen, tMs: world.now() };
  const before = world.votes.findIndex((one) => one.poll.id === poll.key.id && one.voter === voter);
  if (before >= 0) world.votes.splice(before, 1);
  world.votes.push(vote);
  world.emit({ kind: 'vote', vote });
}
