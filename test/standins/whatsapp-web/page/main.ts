// The page: connects, shows what the server says in the objects the library reads, and offers `require`.
import type { Push, WireEvent } from '../wire-format.ts';
import { config } from './config.ts';
import { loadDevice, saveDevice } from './device.ts';
import { Model } from './model.ts';
import { createModules } from './modules.ts';
import { createStore } from './store.ts';
import { createWire } from './wire.ts';

const report = (what: 'missing' | 'error', text: string): void => {
  navigator.sendBeacon('/report', JSON.stringify({ what, text }));
};
const reportError = (error: unknown): void => {
  report('error', error instanceof Error ? (error.stack ?? error.message) : String(error));
};
addEventListener('error', (event) => report('error', event.message));
addEventListener('unhandledrejection', (event) => reportError(event.reason));

const heardOf = new Set<number>();
let device: string | undefined;
/** The newest event up to which none is missing; absent: no snapshot yet. */
let since: number | undefined;
let linked = false;

const socket = new Model({ state: 'OPENING', hasSynced: false });
const conn = new Model({
  ref: undefined,
  pushname: undefined,
  platform: 'android',
  phone: {},
  wid: undefined,
});
const cmd = new Model();

const wire = createWire({
  hello: () => ({
    ...(device !== undefined && { device }),
    ...(since !== undefined && { since: String(since) }),
  }),
  pushed: (push) => void take(push).catch(reportError),
  closed() {
    if (linked) socket.set({ state: 'OPENING' });
  },
});
const store = createStore(wire);

async function sync(): Promise<void> {
  if (!config.syncEarly) await socket.heard('change:hasSynced');
  socket.set({ hasSynced: true });
}

function hear(seq: number, event: WireEvent): void {
  if (since === undefined || seq <= since) return;
  heardOf.add(seq);
  while (heardOf.delete(since + 1)) since += 1;
  store.apply(event).catch(reportError);
}

async function letGo(): Promise<void> {
  linked = false;
  device = undefined;
  since = undefined;
  await saveDevice();
}

async function take(push: Push): Promise<void> {
  switch (push.push) {
    case 'ref':
      if (device !== undefined) await letGo();
      conn.set({ ref: push.ref });
      socket.set({ state: 'UNPAIRED' });
      return;
    case 'linked': {
      const { me, seq } = push.snapshot;
      if (push.device !== device) await saveDevice(push.device);
      device = push.device;
      since = seq;
      linked = true;
      store.load(push.snapshot);
      conn.set({ pushname: me.name, wid: me.pn });
      socket.set({ state: 'CONNECTED' });
      return sync();
    }
    case 'resumed':
      socket.set({ state: 'CONNECTED' });
      return;
    case 'event':
      return hear(push.seq, push.event);
    case 'unlinked':
      await letGo();
      cmd.trigger('logout');
      location.href = '/?post_logout=1&logout_reason=0';
      return;
    case 'state':
      socket.set({ state: push.state });
      return;
    case 'resync':
      cmd.trigger('offline_progress_update_from_bridge');
      socket.set({ hasSynced: false });
      socket.set({ hasSynced: true });
      return;
    case 'reload':
      location.reload();
      return;
    case 'freeze':
      for (;;);
  }
}

const modules = createModules({ store, wire, socket, conn, cmd, letGo });
function requireModule(name: string): unknown {
  const found = modules.get(name);
  if (found !== undefined) return found;
  report('missing', name);
  throw new Error(`Requiring unknown module "${name}"`);
}

Object.assign(window, { require: requireModule });
device = await loadDevice();
wire.connect();
Object.assign(window, { Debug: { VERSION: config.version } });
