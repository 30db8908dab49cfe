// The page's modules for files.
import {
  createMediaStorage,
  type Download,
  downloadMedia,
  OpaqueData,
  prepRawMedia,
  uploadMedia,
} from './media.ts';

export function createMediaModules(): Record<string, unknown> {
  return {
    WAWebMediaOpaqueData: OpaqueData,
    WAWebPrepRawMedia: { prepRawMedia },
    WAWebMediaStorage: createMediaStorage(),
    WAWebMmsMediaTypes: {
      msgToMediaType: ({ type, isGif }: { type: string; isGif?: boolean }) => (isGif === true ? 'gif' : type),
      castToV4: (type: string) => type,
    },
    WAWebMediaDataUtils: { shouldUseMediaCache: () => false },
    WAWebMediaMmsV4Upload: { uploadMedia },
    WAWebDownloadManager: {
      downloadManager: { downloadAndMaybeDecrypt: (file: Download) => downloadMedia(file) },
    },
    WAWebBackendJobsCommon: { mediaTypeFromProtobuf: () => null },
    WAWebE2EProtoUtils: { typeAttributeFromProtobuf: () => 'text' },
  };
}
