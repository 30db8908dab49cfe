// Asks MAX whether it takes our token, and whom it posts to, by calls that change nothing.
import { readFile } from 'node:fs/promises';
import { clockOf, type Examine, type Finding, finding, refused } from '../examine.ts';
import { createMaxClient } from './client.ts';
import type { MaxConfig } from './settings.ts';

const NAME = 'max';
const TIMEOUT = 10_000;

export const examineMax: Examine<MaxConfig> = async (config, { publicUrl, now }) => {
  const ca = config.caFile === undefined ? undefined : await readFile(config.caFile, 'utf8').catch(() => '');
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----'))
    return [finding(NAME, 'error', 'max.no_certificates', { file: config.caFile ?? '' })];
  const client = createMaxClient({ ...config, ca, timeout: TIMEOUT });
  try {
    const found: Finding[] = [finding(NAME, 'ok', 'max.bot', { id: await client.me() })];
    if (config.mode === 'webhook') {
      const ours = `${publicUrl ?? ''}/hooks/max`;
      const there = await client.subscriptions();
      if (!there.includes(ours)) found.push(finding(NAME, 'warning', 'max.not_subscribed', { ours }));
    }
    // MAX's own address is trusted by the file only.
    if (config.proxyUrl === undefined && config.apiRoot !== undefined && ca === undefined)
      found.push(...(await clockOf(NAME, config.apiRoot, now)));
    return found;
  } catch (error) {
    return [refused(NAME, error)];
  } finally {
    client.close();
  }
};
