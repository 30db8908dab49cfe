// The words of the Cloud API's webhook that we use, as Meta describes them. Nothing here is checked: whoever reads a
// field is ready for its absence.

export interface Body {
  readonly object?: string;
  readonly entry?: readonly { readonly changes?: readonly Change[] }[];
}

export interface Change {
  readonly field?: string;
  readonly value?: {
    readonly metadata?: { readonly display_phone_number?: string; readonly phone_number_id?: string };
    readonly contacts?: readonly Contact[];
    readonly messages?: readonly Message[];
    readonly statuses?: readonly Status[];
    /** Sent by a human of ours from the WhatsApp Business app on the same number. */
    readonly message_echoes?: readonly Message[];
    readonly errors?: readonly Failure[];
  };
}

export interface Contact {
  readonly profile?: { readonly name?: string; readonly username?: string };
  readonly wa_id?: string;
  /** Meta's id of the person for this business; there also where the number is hidden. */
  readonly user_id?: string;
}

export interface MediaFile {
  readonly id: string;
  readonly mime_type?: string;
  readonly caption?: string;
  readonly filename?: string;
  readonly voice?: boolean;
}

export interface Message {
  /** Absent where the person hides their number. */
  readonly from?: string;
  readonly from_user_id?: string;
  /** Echoes only. */
  readonly to?: string;
  readonly to_user_id?: string;
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: string;
  readonly type: string;
  readonly group_id?: string;
  readonly context?: { readonly id?: string };
  readonly text?: { readonly body?: string };
  readonly image?: MediaFile;
  readonly video?: MediaFile;
  readonly audio?: MediaFile;
  readonly document?: MediaFile;
  readonly sticker?: MediaFile;
  readonly location?: {
    readonly latitude: number;
    readonly longitude: number;
    readonly name?: string;
    readonly address?: string;
  };
  readonly contacts?: readonly {
    readonly name?: { readonly formatted_name?: string };
    readonly phones?: readonly { readonly phone?: string; readonly wa_id?: string }[];
  }[];
  /** A button of a template. */
  readonly button?: { readonly payload?: string; readonly text?: string };
  readonly interactive?: {
    readonly type?: string;
    readonly button_reply?: { readonly id?: string; readonly title?: string };
    readonly list_reply?: { readonly id?: string; readonly title?: string };
  };
  readonly edit?: { readonly original_message_id?: string; readonly message?: Message };
}

export interface Status {
  readonly id: string;
  readonly status: string;
  readonly timestamp: string;
  readonly recipient_id?: string;
  readonly recipient_user_id?: string;
  readonly biz_opaque_callback_data?: string;
  readonly errors?: readonly Failure[];
}

export interface Failure {
  readonly code?: number;
}
