// Files of a message or a ticket: thumbnails for pictures, players for sound and film, a download for the rest.
import { Text } from '@mantine/core';
import { useState } from 'react';
import type { FileView } from '../../channels/web/wire.ts';
import { sizeOf } from './format.ts';
import { useLanguage } from './language.tsx';

export function Files({ files }: { files: readonly FileView[] }) {
  if (files.length === 0) return null;
  return (
    <div className="files">
      {files.map((file, n) => (
        <figure key={file.url ?? `${file.kind}${n}`} className="figure">
          <OneFile file={file} />
          {file.caption !== undefined && (
            <Text component="figcaption" size="xs" c="dimmed" dir="auto">
              {file.caption}
            </Text>
          )}
        </figure>
      ))}
    </div>
  );
}

function OneFile({ file }: { file: FileView }) {
  const { t, locale } = useLanguage();
  const [broken, setBroken] = useState(false);
  const kind = t(`file.${file.kind}`);
  const name = file.name ?? kind;
  if (file.location) {
    return (
      <Text size="sm">
        📍 {kind}: {file.location.latitude}, {file.location.longitude}
      </Text>
    );
  }
  if (file.contact) {
    return (
      <Text size="sm" dir="auto">
        👤 {file.contact.name} · {file.contact.phone}
      </Text>
    );
  }
  if (file.url === undefined) return <Text size="sm">{name}</Text>;
  if (!broken && (file.kind === 'photo' || file.kind === 'sticker')) {
    return (
      <a href={file.url} target="_blank" rel="noopener noreferrer" className="thumb">
        <img src={file.url} alt={name} loading="lazy" onError={() => setBroken(true)} />
      </a>
    );
  }
  if (!broken && (file.kind === 'voice' || file.kind === 'audio')) {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what customers record has no captions.
      <audio src={file.url} controls preload="metadata" aria-label={name} onError={() => setBroken(true)} />
    );
  }
  if (!broken && file.kind === 'video') {
    return (
      // biome-ignore lint/a11y/useMediaCaption: what customers record has no captions.
      <video src={file.url} controls preload="metadata" aria-label={name} onError={() => setBroken(true)} />
    );
  }
  return (
    <a href={file.url} download={file.name ?? ''} className="chip">
      <span className="sheet" aria-hidden="true" />
      <span className="chipName" dir="auto">
        {name}
      </span>
      {file.size !== undefined && <small>{sizeOf(file.size, locale)}</small>}
    </a>
  );
}
