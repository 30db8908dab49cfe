// Tells trouble around the program from trouble within it. It knows errors by their names only.

/** The store, a network or what coordinates is away: nothing is wrong with what was to be done. */
export function isOutside(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // A driver's connection can break with the system's own error, before the driver has given it a name.
  if ('code' in error && /^(?:ECONN(?:RESET|REFUSED|ABORTED)|EPIPE|ETIMEDOUT)$/.test(String(error.code)))
    return true;
  // One of the driver's names is without its usual beginning.
  return /^(?:Mongo|PoolCleared).*(Network|Selection|Timeout|Pool|NotConnected|Topology)|MongooseError|StoreUnreachable|StoreMoved|RuntimeUnreachable|DeliveryError/.test(
    error.name,
  );
}
