// The answers that refuse: MongoDB's own codes and names, so that callers can tell a duplicate from a mistake.
// Whatever the store does not serve ends here; nothing is answered by guessing.
export const CODES = {
  InternalError: 1,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  IllegalOperation: 20,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  DollarPrefixedFieldName: 52,
  InvalidIdField: 53,
  NotSingleValueField: 54,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  CannotIndexParallelArrays: 171,
  NotImplemented: 238,
  QueryExceededMemoryLimitNoDiskUseAllowed: 292,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  OutOfDiskSpace: 14031,
  Location31249: 31249,
  Location31253: 31253,
  Location31254: 31254,
  Location40066: 40066,
  Location40323: 40323,
  Location51091: 51091,
} as const;

export class StoreFault extends Error {
  readonly code: number;
  readonly codeName: keyof typeof CODES;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(codeName: keyof typeof CODES, message: string, extra: Record<string, unknown> = {}) {
    super(message);
    this.name = 'StoreFault';
    this.code = CODES[codeName];
    this.codeName = codeName;
    this.extra = extra;
  }
}

export function notServed(what: string): StoreFault {
  return new StoreFault('NotImplemented', `The embedded store does not serve ${what}; use a MongoDB server.`);
}
