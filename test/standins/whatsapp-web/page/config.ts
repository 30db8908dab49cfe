// What the server decided for this page, read once from the document.
import type { PageConfig } from '../wire-format.ts';

export const config = JSON.parse(document.getElementById('config')?.textContent ?? '{}') as PageConfig;
