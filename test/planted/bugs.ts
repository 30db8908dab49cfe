// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the words are source text.
// Mistakes that a developer could make, each planted alone in a copy of the program to see whether it is found. Data
// only: which words of which file become which others, and the hunter that must find it. Outcomes are what counts, so a
// slip that no customer, operator or report would ever notice has no place here.
import type { ChannelName } from '../faults/net.ts';

export interface Change {
  /** Below the project's folder. */
  readonly file: string;
  /** Stands once in the file. */
  readonly from: string;
  readonly to: string;
}

/** The simulator: the shell, the repositories, Telegram with its desk and VK in virtual time. */
export interface Simulated {
  readonly by: 'sim';
  readonly events: number;
  /** The first of as many seeds as the events need. */
  readonly seed?: number;
}

/** Kills of real processes beside stand-ins: for what only other adapters, the database or Redis can show. */
export interface Killed {
  readonly by: 'kills';
  readonly channels: readonly ChannelName[];
  readonly conversations: number;
  readonly kills: number;
  readonly instances?: number;
}

export interface Bug {
  readonly name: string;
  readonly changes: readonly Change[];
  readonly hunter: Simulated | Killed;
}

const sim = { by: 'sim', events: 600_000 } as const satisfies Simulated;
const kills = (...channels: readonly ChannelName[]): Killed => ({
  by: 'kills',
  channels,
  conversations: 48,
  kills: 10,
});

export const BUGS: readonly Bug[] = [
  // Receiving.
  {
    name: 'a post of Telegram is answered before the journal has it',
    hunter: sim,
    changes: [
      {
        file: 'src/networks/telegram/webhook.ts',
        from: 'await take([update]);',
        to: 'void take([update]).catch(() => undefined);',
      },
    ],
  },
  {
    name: 'polling confirms before the journal has it',
    hunter: sim,
    changes: [
      {
        file: 'src/networks/telegram/poll.ts',
        from: 'await options.take(updates);',
        to: 'void options.take(updates).catch(() => undefined);',
      },
    ],
  },
  {
    name: 'polling goes on behind updates that could not be kept',
    hunter: sim,
    changes: [
      {
        file: 'src/networks/telegram/poll.ts',
        from: '        failures += 1;\n        continue;\n      }\n      offset =',
        to: '        failures += 1;\n      }\n      offset =',
      },
    ],
  },
  {
    name: 'of an album only the first file counts',
    hunter: sim,
    changes: [
      {
        file: 'src/app/album.ts',
        from: "text: words.join('\\n'), attachments }",
        to: "text: words.join('\\n') }",
      },
    ],
  },
  // The journal.
  {
    name: 'the journal has no unique index',
    hunter: sim,
    changes: [
      { file: 'src/store/schemas.ts', from: "{ name: 'event', unique: true }", to: "{ name: 'event' }" },
    ],
  },
  {
    name: 'an event that stands in the journal already is taken for new',
    hunter: sim,
    changes: [
      {
        file: 'src/store/journal.ts',
        from: 'return documents.map((_, at) => !known.has(at));',
        to: 'return documents.map((_, at) => !known.has(at) || documents.length === 1);',
      },
    ],
  },
  {
    name: 'what waits is read newest first',
    hunter: sim,
    changes: [
      {
        file: 'src/store/journal.ts',
        from: "rows.find({ state: 'pending', line }).sort({ _id: 1 })",
        to: "rows.find({ state: 'pending', line }).sort({ _id: -1 })",
      },
      {
        file: 'src/store/journal.ts',
        from: "rows.find({ state: 'pending' }).sort({ _id: 1 })",
        to: "rows.find({ state: 'pending' }).sort({ _id: -1 })",
      },
    ],
  },
  {
    name: 'an event is marked as applied before its turn is committed',
    hunter: sim,
    changes: [
      {
        file: 'src/app/inbox.ts',
        from: '    const { contact, ticket } = found;\n',
        to: '    const { contact, ticket } = found;\n    applied(rows);\n',
      },
    ],
  },
  {
    name: 'a store that is away parks the event',
    hunter: sim,
    changes: [
      {
        file: 'src/app/inbox.ts',
        from: '    if (outside) {\n      pause(line);\n      return false;\n    }\n',
        to: '    if (outside) pause(line);\n',
      },
    ],
  },
  {
    name: 'a line that waits for the store is never woken',
    hunter: sim,
    changes: [
      {
        file: 'src/app/inbox.ts',
        from: '      paused.delete(line);\n      if (!stopped) shell.runtime.wake(line);\n',
        to: '      if (!stopped) shell.runtime.wake(line);\n',
      },
    ],
  },
  {
    name: 'the sweep leaves the journal out',
    hunter: sim,
    changes: [{ file: 'src/app/clock.ts', from: '    await parts.sweepJournal();\n', to: '' }],
  },
  // Turns.
  {
    name: 'a turn that lost the race counts as taken',
    hunter: sim,
    changes: [
      {
        file: 'src/app/inbox.ts',
        from: 'if (await turns.take(contact, found.event, rows, ticket, readAt)) return;',
        to: 'return void (await turns.take(contact, found.event, rows, ticket, readAt));',
      },
    ],
  },
  {
    name: 'neither lock nor version guards a session',
    hunter: sim,
    changes: [
      { file: 'src/store/sessions.ts', from: 'const filter = { _id, v };', to: 'const filter = { _id };' },
      {
        file: 'src/app/locks.ts',
        from: 'const mine = before ? before.then(task, task) : task();',
        to: 'const mine = task();',
      },
    ],
  },
  {
    name: 'a lock stands in place of the version',
    hunter: sim,
    changes: [
      { file: 'src/store/sessions.ts', from: 'const filter = { _id, v };', to: 'const filter = { _id };' },
    ],
  },
  {
    name: 'a bulk write of which some lost is believed whole',
    hunter: sim,
    changes: [
      {
        file: 'src/store/sessions.ts',
        from: 'if (matchedCount === asked.length) return',
        to: 'if (matchedCount > 0) return',
      },
    ],
  },
  {
    name: 'sessions read together are handed out in the order found',
    hunter: sim,
    changes: [
      {
        file: 'src/store/sessions.ts',
        from: '      return ids.map((id) => {\n        const document = byId.get(id);\n        return document && fromDocument(document);\n      });',
        to: '      return ids.map((_, at) => {\n        const document = found[at];\n        return document && fromDocument(document);\n      });',
      },
    ],
  },
  {
    name: 'a group commit hands one caller the result of another',
    hunter: sim,
    changes: [
      {
        file: 'src/store/group-commit.ts',
        from: '        from += items.length;\n',
        to: '        from += 1;\n',
      },
    ],
  },
  {
    name: 'a copy of the session outlives a write that somebody else was faster with',
    hunter: sim,
    changes: [
      {
        file: 'src/app/sessions.ts',
        from: '      warm.delete(session.id);\n      if (!(await',
        to: '      if (!(await',
      },
    ],
  },
  {
    name: 'applied rows are forgotten with the next turn',
    hunter: sim,
    changes: [
      {
        file: 'src/app/turn.ts',
        from: 'applied: [...remembered, ...rows.map((row) => row.id)],',
        to: 'applied: rows.map((row) => row.id),',
      },
    ],
  },
  {
    name: 'of several instances none asks whether a row is applied already',
    hunter: sim,
    changes: [
      {
        file: 'src/app/remembered.ts',
        from: 'if (shell.talks.isSince(session.id, readAt) && session.applied.length < MANY) return undefined;',
        to: 'if (session.applied.length < MANY) return undefined;',
      },
    ],
  },
  {
    name: 'what was decided for the store is left there by a crash',
    hunter: sim,
    changes: [
      {
        file: 'src/app/settle.ts',
        from: 'return session && isUnsettled(session) ? await settle(shell, session) : session;',
        to: 'return session;',
      },
      {
        file: 'src/app/turn.ts',
        from: '    if (isUnsettled(session)) return (await settle(shell, session)) && false;\n',
        to: '',
      },
    ],
  },
  {
    name: 'what a session has no more stays in its document',
    hunter: sim,
    changes: [
      {
        file: 'src/store/session-changes.ts',
        from: "if (old !== undefined) unset[path] = '';",
        to: "if (old !== undefined && path.includes('.')) unset[path] = '';",
      },
    ],
  },
  {
    name: 'the release a talk began in is not loaded after a restart',
    hunter: sim,
    changes: [
      {
        file: 'src/app/turn.ts',
        from: '    if (session.run) await shell.ensureRelease(session.run.release);\n',
        to: '',
      },
    ],
  },
  // The engine.
  {
    name: 'a talk goes on in the newest release',
    hunter: sim,
    changes: [
      {
        file: 'src/engine/at.ts',
        from: 'const release = draft.rules.release(run.release);',
        to: 'const release = draft.rules.current;',
      },
    ],
  },
  {
    name: 'a double tap counts as a change of mind',
    hunter: sim,
    changes: [
      {
        file: 'src/engine/customer.ts',
        from: '  if (String(before) === option.id) return;\n',
        to: '  if (before === option.id) return;\n',
      },
    ],
  },
  {
    name: 'a button of an earlier question answers the open one',
    hunter: sim,
    changes: [
      {
        file: 'src/engine/customer.ts',
        from: 'if (place.node.waits && button.step === place.run.step && button.node === place.node.index) {',
        to: 'if (place.node.waits) {',
      },
    ],
  },
  {
    name: 'going back keeps the answer that was taken back',
    hunter: sim,
    changes: [
      {
        file: 'src/engine/play.ts',
        from: 'index < ids.indexOf(id) || key === EXTRA_FILES',
        to: 'index <= ids.indexOf(id) || key === EXTRA_FILES',
      },
    ],
  },
  {
    name: 'a response has an id of its moment',
    hunter: sim,
    changes: [
      {
        file: 'src/engine/outcome.ts',
        from: '`${session.id}.${run.id}.${flow.name}.${frame.since}`',
        to: '`${session.id}.${run.id}.${flow.name}.${moment.now}`',
      },
    ],
  },
  {
    name: 'a comment that was left out is recorded as given',
    hunter: sim,
    changes: [
      {
        file: 'src/engine/outcome.ts',
        from: '...(given(comment) ? { comment:',
        to: '...(comment !== undefined ? { comment:',
      },
    ],
  },
  // Tickets and the desk.
  {
    name: 'two turns are shown the same ticket number',
    hunter: sim,
    changes: [
      {
        file: 'src/app/turn.ts',
        from: '    parts.numbers.take(Math.min(PER_TURN, opened));\n    return decided;',
        to: '    setImmediate(() => parts.numbers.take(Math.min(PER_TURN, opened)));\n    return decided;',
      },
    ],
  },
  {
    name: 'a process counts ticket numbers that another has in hand',
    hunter: sim,
    changes: [
      {
        file: 'src/app/numbers.ts',
        from: "await settings.add('ticket_counter', IN_HAND);",
        to: "(await settings.add('ticket_counter', 1)) + IN_HAND - 1;",
      },
    ],
  },
  {
    name: 'a message kept before is taken for a fault of the store',
    hunter: sim,
    changes: [
      {
        file: 'src/store/messages.ts',
        from: '        if (!again) throw error;\n',
        to: '        if (again) throw error;\n',
      },
    ],
  },
  {
    name: "anybody in the group answers in the assignee's place",
    hunter: sim,
    changes: [
      {
        file: 'src/engine/handoff.ts',
        from: '  if (ticket.assignee?.id !== event.operator.id) {\n    keepNote',
        to: '  if (ticket.assignee === undefined) {\n    keepNote',
      },
    ],
  },
  {
    name: 'whoever writes in the group counts as one of it',
    hunter: sim,
    changes: [
      {
        file: 'src/desk/forum/adapter.ts',
        from: 'return following(() => members.isMember(operatorChat.current(), Number(user), clock()));',
        to: 'return true;',
      },
    ],
  },
  {
    name: 'a deleted topic is not made anew',
    hunter: sim,
    changes: [
      {
        file: 'src/networks/telegram/errors.ts',
        from: '[/message thread not found|topic_deleted|topic_id_invalid|topic not found/i,',
        to: '[/topic_deleted|topic_id_invalid|topic not found/i,',
      },
    ],
  },
  {
    name: "the group's move is forgotten with the process",
    hunter: sim,
    changes: [
      {
        file: 'src/networks/telegram/route.ts',
        from: '    await options.onMoved(String(current), String(to));\n',
        to: '',
      },
    ],
  },
  // Sending.
  {
    name: 'the newest of the outbox is sent first',
    hunter: sim,
    changes: [
      {
        file: 'src/app/outbox.ts',
        from: 'session?.outbox.find((one) => one.lane === lane)',
        to: 'session?.outbox.findLast((one) => one.lane === lane)',
      },
    ],
  },
  {
    name: 'an entry leaves the outbox before it is sent',
    hunter: sim,
    changes: [
      {
        file: 'src/app/outbox.ts',
        from: 'await performCall(shell, session, entry);',
        to: 'await entries.remove(session.id, entry.id).then(() => performCall(shell, session, entry));',
      },
    ],
  },
  {
    name: 'a word of unknown fate never leaves the outbox',
    hunter: sim,
    changes: [
      {
        file: 'src/app/outbox.ts',
        from: '    if (events.length > 0) await intake(events);\n    await entries.remove(session.id, entry.id);\n',
        to: '    if (events.length > 0) return await intake(events);\n    await entries.remove(session.id, entry.id);\n',
      },
    ],
  },
  {
    name: 'the desk is not told of a word that surely failed',
    hunter: sim,
    changes: [
      {
        file: 'src/app/outbox.ts',
        from: "if (effect.kind === 'say' && effect.ticket !== undefined) {\n      const state",
        to: "if (effect.kind === 'say' && effect.ticket !== undefined && verdict === 'unknown') {\n      const state",
      },
    ],
  },
  {
    name: "an operator's word is repeated as the machine's own are",
    hunter: sim,
    changes: [
      {
        file: 'src/engine/handoff.ts',
        from: '    repeatable: false,\n  });\n  hold(',
        to: '  });\n  hold(',
      },
    ],
  },
  {
    name: 'after a restart nobody knows that a word was under way',
    hunter: sim,
    changes: [
      {
        file: 'src/store/session-document.ts',
        from: "    ...(state === 'sending' && { s: 1 }),\n",
        to: '',
      },
    ],
  },
  {
    name: 'a flood is a refusal for good',
    hunter: sim,
    changes: [
      {
        file: 'src/networks/telegram/errors.ts',
        from: "return new DeliveryError('later', 'flood', {",
        to: "return new DeliveryError('never', 'flood', {",
      },
    ],
  },
  {
    name: 'a lane that another process delivers is delivered too',
    hunter: sim,
    changes: [
      {
        file: 'src/app/outbox.ts',
        from: '    if (!claim) {\n',
        to: '    if (!claim) return await deliverLane(contact, lane, key, turn);\n    if (!claim) {\n',
      },
    ],
  },
  // Time.
  {
    name: 'an alarm looks at timers only',
    hunter: sim,
    changes: [
      {
        file: 'src/app/clock.ts',
        from: '    if (session.outbox.length > 0) parts.kick(session);\n',
        to: '    if (session.outbox.length > 0 && due.length > 0) parts.kick(session);\n',
      },
    ],
  },
  {
    name: 'the sweep finds nobody who is due',
    hunter: sim,
    changes: [
      {
        file: 'src/app/clock.ts',
        from: 'shell.store.sessions.due(shell.clock() + SOON, AT_MOST)',
        to: 'shell.store.sessions.due(SOON, AT_MOST)',
      },
    ],
  },
  {
    name: 'a session whose outbox waits is not due',
    hunter: sim,
    changes: [
      {
        file: 'src/core/session.ts',
        from: '  for (const entry of session.outbox) if (due === undefined || entry.at < due) due = entry.at;\n',
        to: '',
      },
    ],
  },
  {
    name: 'every timer is due when the session is looked at',
    hunter: sim,
    changes: [
      {
        file: 'src/app/clock.ts',
        from: 'session.timers.filter((one) => one.due <= now)',
        to: 'session.timers.filter((one) => one.due > 0)',
      },
    ],
  },
  {
    name: "a timer's event is known by its name alone",
    hunter: sim,
    changes: [
      {
        file: 'src/app/clock.ts',
        from: 'id: `${contact}:${one.name}:${one.due}`,',
        to: 'id: `${contact}:${one.name}`,',
      },
    ],
  },
  {
    name: 'timers of earlier questions stay set',
    hunter: sim,
    changes: [
      {
        file: 'src/engine/play.ts',
        from: "? [{ name: 'remind', due: now + flow.remind.after }, expire]",
        to: "? [...session.timers, { name: 'remind', due: now + flow.remind.after }, expire]",
      },
    ],
  },
  // VK.
  {
    name: 'VK is given another random_id with each try',
    hunter: sim,
    changes: [
      {
        file: 'src/channels/vk/random-id.ts',
        from: 'return digest.readUInt32BE(0) & 0x7fffffff || 1;',
        to: 'return ((digest.readUInt32BE(0) + Math.random() * 2 ** 31) & 0x7fffffff) || 1;',
      },
    ],
  },
  {
    name: "after a restart VK's news of our own message counts as a person's",
    hunter: sim,
    changes: [
      {
        file: 'src/channels/vk/own-messages.ts',
        from: 'payload === OUR_MARK || (id !== undefined && ids.has(id))',
        to: 'id !== undefined && ids.has(id)',
      },
    ],
  },
  // What only other networks, the embedded store or Redis can show.
  {
    name: 'the chat page is told that its words are taken before they are',
    hunter: kills('telegram', 'web'),
    changes: [
      {
        file: 'src/web/chat-api.ts',
        from: 'await deps.intake([read.event]);',
        to: 'void deps.intake([read.event]);',
      },
    ],
  },
  {
    name: 'what people wrote while the program was down is dropped at its start',
    hunter: kills('telegram', 'web'),
    changes: [
      {
        file: 'src/networks/telegram/receive.ts',
        from: 'client.call.deleteWebhook({})',
        to: 'client.call.deleteWebhook({ drop_pending_updates: true })',
      },
    ],
  },
  {
    name: 'the embedded store gathers its commits and answers before them',
    hunter: kills('telegram', 'web'),
    changes: [
      {
        file: 'src/store/embedded/tables.ts',
        from: "      this.#db.exec(inner ? 'RELEASE part' : 'COMMIT');\n",
        to: "      if (inner) this.#db.exec('RELEASE part');\n      else setTimeout(() => this.#db.isTransaction && this.#db.exec('COMMIT'), 50);\n",
      },
      {
        file: 'src/store/embedded/tables.ts',
        from: "    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');\n",
        to: "    if (this.#db.isTransaction) this.#db.exec('COMMIT');\n    this.#db.exec('PRAGMA wal_checkpoint(TRUNCATE)');\n",
      },
    ],
  },
  {
    name: 'MAX is told "received" before the journal has it',
    hunter: kills('max'),
    changes: [
      {
        file: 'src/channels/max/hook.ts',
        from: 'await options.take(update);',
        to: 'void options.take(update).catch(() => undefined);',
      },
    ],
  },
  {
    name: 'Meta is told "received" before the journal has it',
    hunter: kills('whatsapp-cloud'),
    changes: [
      {
        file: 'src/channels/whatsapp/cloud/receive.ts',
        from: '    await intake(events);\n',
        to: '    void intake(events).catch(() => undefined);\n',
      },
    ],
  },
  {
    name: 'Redis gives a name that is taken',
    hunter: { ...kills('telegram', 'web'), instances: 3 },
    changes: [
      {
        file: 'src/runtime/redis/claims.ts',
        from: 'return taken === 0 ? undefined : hold(name, own !== undefined || taken === 2);',
        to: 'return hold(name, taken !== 1);',
      },
    ],
  },
];
