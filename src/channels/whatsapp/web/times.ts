// How long WhatsApp Web is waited for, asked, left in peace. All in milliseconds.

export interface WatchTimes {
  /** From birth, or from the scan, to ready. */
  readonly boot: number;
  readonly beatEvery: number;
  readonly beatWithin: number;
  /** Beats without an answer in a row that end it. */
  readonly misses: number;
  /** A picture to scan is renewed by WhatsApp; one so old is dead. */
  readonly picture: number;
  /** Without a connection for so long, it is started anew. */
  readonly deafRestart: number;
  /** Nothing came or went for so long: then a note to ourselves must come through. */
  readonly silence: number;
  readonly echoWithin: number;
  /** A browser so old is renewed at the next quiet moment, or at the latest. */
  readonly recycleAfter: number;
  readonly recycleLatest: number;
  readonly quiet: number;
}

export interface SupervisorTimes extends WatchTimes {
  /** The first pause before a new life, doubled each time up to the last. */
  readonly firstPause: number;
  readonly lastPause: number;
  /** The browser may take so long to close. */
  readonly closing: number;
}

export const TIMES: SupervisorTimes = {
  boot: 120_000,
  beatEvery: 60_000,
  beatWithin: 30_000,
  misses: 2,
  deafRestart: 180_000,
  picture: 300_000,
  silence: 3_600_000,
  echoWithin: 60_000,
  recycleAfter: 24 * 3_600_000,
  recycleLatest: 30 * 3_600_000,
  quiet: 10 * 60_000,
  firstPause: 1_000,
  lastPause: 300_000,
  closing: 1_500,
};
