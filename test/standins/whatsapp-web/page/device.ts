// The key of this linked device, kept in the browser's profile so that a restarted browser is the same device. Written
// strictly: a browser killed the moment after linking must still know it.
const DATABASE = 'signal-storage';
const TABLE = 'device';

function request<T>(made: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    made.onsuccess = () => resolve(made.result);
    made.onerror = () => reject(made.error);
  });
}

async function database(): Promise<IDBDatabase> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(TABLE);
  return await request(opening);
}

export async function loadDevice(): Promise<string | undefined> {
  const db = await database();
  return (await request(db.transaction(TABLE).objectStore(TABLE).get('key'))) as string | undefined;
}

/** Without a key: forgets it. */
export async function saveDevice(key?: string): Promise<void> {
  const db = await database();
  await new Promise<void>((resolve, reject) => {
    const writing = db.transaction(TABLE, 'readwrite', { durability: 'strict' });
    writing.oncomplete = () => resolve();
    writing.onerror = () => reject(writing.error);
    if (key === undefined) writing.objectStore(TABLE).delete('key');
    else writing.objectStore(TABLE).put(key, 'key');
  });
}
