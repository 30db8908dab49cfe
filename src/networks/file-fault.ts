// Why a file could not be fetched. Files lie on hosts of their own: that one of those is away says nothing of the network
// itself, so it holds up this file and nobody's answers. Fetching twice does no harm, so no lost answer is a doubt.
import { DeliveryError } from '../core/errors.ts';

export function fileFault(error: unknown): unknown {
  if (!(error instanceof DeliveryError)) return error;
  const isAway = error.verdict === 'unknown' || (error.verdict === 'later' && error.reason === 'network');
  return isAway ? new DeliveryError('later', 'network', { cause: error }) : error;
}
