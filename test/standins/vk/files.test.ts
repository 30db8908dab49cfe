// Files of VK's stand-in: sent in three steps, fetched by address, told cut short.
import { describe, expect, test } from 'vitest';
import { PNG, startBoth } from './both.ts';

describe('files', () => {
  async function upload(url: string, field: string, bytes: Uint8Array, name: string): Promise<object> {
    const form = new FormData();
    form.set(field, new Blob([Buffer.from(bytes)]), name);
    return (await (await fetch(url, { method: 'POST', body: form })).json()) as object;
  }

  test('a picture must be one, and goes through three steps', async () => {
    const { vk, call, codeOf, send } = await startBoth();
    const anna = vk.person();
    anna.say('1');
    const server = () => call<{ upload_url: string }>('photos.getMessagesUploadServer', { peer_id: anna.id });
    const { upload_url } = await server();
    const bad = await upload(upload_url, 'photo', Buffer.from('no picture'), 'a.png');
    expect(bad).toMatchObject({ photo: '[]' });
    expect(await codeOf(call('photos.saveMessagesPhoto', bad))).toBe(100);
    expect(vk.violations).toEqual([]);
    await upload(upload_url, 'file', PNG, 'a.png');
    expect(vk.violations).toHaveLength(1);
    const good = await upload(upload_url, 'photo', PNG, 'a.png');
    expect(await codeOf(call('photos.saveMessagesPhoto', { ...good, hash: 'x' }))).toBe(100);
    const [photo] = await call<{ id: number; owner_id: number; access_key: string }[]>(
      'photos.saveMessagesPhoto',
      good,
    );
    expect(photo?.owner_id).toBe(-vk.groupId);
    const name = `photo${photo?.owner_id}_${photo?.id}`;
    expect(await codeOf(send(anna.id, '', { attachment: `${name}_wrong` }))).toBe(100);
    await send(anna.id, '', { attachment: `${name}_${photo?.access_key}` });
    await send(anna.id, '', { attachment: name });
    expect(anna.last()?.files.map((file) => Buffer.from(file).equals(PNG))).toEqual([true]);
  });

  test('a document keeps its title; a voice message must be Ogg; programs are not taken', async () => {
    const { vk, call, codeOf, send } = await startBoth();
    const anna = vk.person();
    anna.say('1');
    const server = async (type: string) =>
      (await call<{ upload_url: string }>('docs.getMessagesUploadServer', { peer_id: anna.id, type }))
        .upload_url;
    const bytes = Buffer.from('a letter');
    expect(await upload(await server('doc'), 'file', bytes, 'virus.exe')).toHaveProperty('error');
    expect(await upload(await server('audio_message'), 'file', bytes, 'a.ogg')).toHaveProperty('error');
    const { file } = (await upload(await server('doc'), 'file', bytes, 'a.txt')) as { file: string };
    const saved = await call<{ type: string; doc: { id: number; owner_id: number; title: string } }>(
      'docs.save',
      { file, title: 'Письмо.txt' },
    );
    expect(saved).toMatchObject({
      type: 'doc',
      doc: { title: 'Письмо.txt', size: bytes.length, ext: 'txt' },
    });
    await send(anna.id, '', { attachment: `doc${saved.doc.owner_id}_${saved.doc.id}` });
    expect(anna.last()?.attachments).toEqual([{ type: 'doc', name: 'Письмо.txt' }]);
    const voice = (await upload(await server('audio_message'), 'file', Buffer.from('OggS…'), 'a.ogg')) as {
      file: string;
    };
    expect(await call('docs.save', voice)).toMatchObject({ type: 'audio_message' });
    expect(await codeOf(call('docs.save', { file: 'up99' }))).toBe(105);
    expect(await codeOf(call('docs.getMessagesUploadServer', { type: 'doc' }))).toBe(100);
    const wall = await call<{ upload_url: string }>('docs.getWallUploadServer', { group_id: vk.groupId });
    const shown = (await upload(wall.upload_url, 'file', bytes, 'b.txt')) as { file: string };
    expect(await call('docs.save', shown)).toMatchObject({ doc: { owner_id: -vk.groupId } });
  });

  test('what people send is fetched by address; only the largest picture is theirs', async () => {
    const { vk } = await startBoth();
    const anna = vk.person();
    const fetched = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());
    type Photo = { photo: { sizes: { type: string; width: number; url: string }[] } };
    const [shown] = (anna.sendPhoto(PNG, { caption: 'вот' }).wire.attachments ?? []) as Photo[];
    const sizes = shown?.photo.sizes.toSorted((a, b) => b.width - a.width) ?? [];
    expect(await fetched(sizes[0]?.url ?? '')).toEqual(PNG);
    expect(await fetched(sizes[1]?.url ?? '')).not.toEqual(PNG);
    expect(sizes.at(-1)?.type).not.toBe('w');
    const [doc] = (anna.sendDocument({ size: 300_000_000 }, { name: 'кино.mkv' }).wire.attachments ?? []) as {
      doc: object;
    }[];
    expect(doc?.doc).toMatchObject({ title: 'кино.mkv', size: 300_000_000, ext: 'mkv' });
    vk.faults.add({ when: { method: 'file' }, do: 'refuse', times: 1 });
    expect((await fetch(sizes[0]?.url ?? '')).status).toBe(404);
    expect(anna.sendPhotos([PNG, PNG]).files).toHaveLength(2);
  });

  test('a big message is told cut short, and had whole by its number', async () => {
    const { vk, call } = await startBoth({ cropAbove: 1 });
    const anna = vk.person();
    const sent = anna.sendPhotos([PNG, PNG, PNG]);
    expect(vk.events[0]).toMatchObject({ object: { message: { is_cropped: true } } });
    const whole = await call<{ items: { attachments: object[] }[] }>('messages.getById', {
      message_ids: sent.id,
    });
    expect(whole.items[0]?.attachments).toHaveLength(3);
  });
});
