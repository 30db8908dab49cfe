// What stops a backup or a restore, as a stable word with what belongs to it; the sentence for people is in the texts.

export type BackupFaultCode =
  | 'target_exists'
  | 'target_failed'
  | 'no_store'
  | 'no_room'
  | 'not_one_moment'
  | 'no_file'
  | 'not_a_backup'
  | 'newer_format'
  | 'damaged'
  | 'unknown_collection'
  | 'not_empty'
  | 'in_use'
  | 'running';

export class BackupFault extends Error {
  readonly code: BackupFaultCode;
  readonly vars: Readonly<Record<string, string | number>>;
  constructor(
    code: BackupFaultCode,
    vars: Readonly<Record<string, string | number>> = {},
    options: { cause?: unknown } = {},
  ) {
    super(`${code}: ${JSON.stringify(vars)}`, options);
    this.name = 'BackupFault';
    this.code = code;
    this.vars = vars;
  }
}
