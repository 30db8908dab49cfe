// The calls the stand-in knows, with every parameter Telegram documents for them. Data only: "!" marks a required
// parameter, the word after the colon its type. A parameter missing here is refused as a mistake of the caller.

export type ParameterType =
  | 'id'
  | 'int'
  | 'float'
  | 'bool'
  | 'str'
  | 'file'
  | 'ints'
  | 'strs'
  | 'entities'
  | 'markup'
  | 'inline'
  | 'reply'
  | 'media'
  | 'commands'
  | 'reactions'
  | 'preview'
  | 'object';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  readonly required: boolean;
}

const place = 'chat_id!:id message_thread_id:int direct_messages_topic_id:int';
const manners =
  'disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:str suggested_post_parameters:object';
const send = `business_connection_id:str ${place} ${manners} reply_parameters:reply reply_markup:markup`;
const caption = 'caption:str parse_mode:str caption_entities:entities';
const above = 'show_caption_above_media:bool';
const edited = 'business_connection_id:str chat_id:id message_id:int inline_message_id:str';
const topic = 'chat_id!:id message_thread_id!:int';

const SIGNATURES = {
  getMe: '',
  logOut: '',
  close: '',
  getUpdates: 'offset:int limit:int timeout:int allowed_updates:strs',
  setWebhook:
    'url!:str certificate:file ip_address:str max_connections:int allowed_updates:strs drop_pending_updates:bool secret_token:str',
  deleteWebhook: 'drop_pending_updates:bool',
  getWebhookInfo: '',
  sendMessage: `${send} text!:str parse_mode:str entities:entities link_preview_options:preview`,
  sendPhoto: `${send} photo!:file ${caption} ${above} has_spoiler:bool`,
  sendVoice: `${send} voice!:file ${caption} duration:int`,
  sendAudio: `${send} audio!:file ${caption} duration:int performer:str title:str thumbnail:file`,
  sendVideo: `${send} video!:file duration:int width:int height:int thumbnail:file cover:file start_timestamp:int ${caption} ${above} has_spoiler:bool supports_streaming:bool`,
  sendVideoNote: `${send} video_note!:file duration:int length:int thumbnail:file`,
  sendAnimation: `${send} animation!:file duration:int width:int height:int thumbnail:file ${caption} ${above} has_spoiler:bool`,
  sendDocument: `${send} document!:file thumbnail:file ${caption} disable_content_type_detection:bool`,
  sendSticker: `${send} sticker!:file emoji:str`,
  sendLocation: `${send} latitude!:float longitude!:float horizontal_accuracy:float live_period:int heading:int proximity_alert_radius:int`,
  sendContact: `${send} phone_number!:str first_name!:str last_name:str vcard:str`,
  sendMediaGroup: `business_connection_id:str ${place} media!:media disable_notification:bool protect_content:bool allow_paid_broadcast:bool message_effect_id:str reply_parameters:reply`,
  copyMessage: `${place} from_chat_id!:id message_id!:int video_start_timestamp:int ${caption} ${above} ${manners} reply_parameters:reply reply_markup:markup`,
  copyMessages: `${place} from_chat_id!:id message_ids!:ints disable_notification:bool protect_content:bool remove_caption:bool`,
  forwardMessage: `${place} from_chat_id!:id video_start_timestamp:int disable_notification:bool protect_content:bool message_effect_id:str suggested_post_parameters:object message_id!:int`,
  editMessageText: `${edited} text!:str parse_mode:str entities:entities link_preview_options:preview reply_markup:inline`,
  editMessageCaption: `${edited} ${caption} ${above} reply_markup:inline`,
  editMessageReplyMarkup: `${edited} reply_markup:inline`,
  deleteMessage: 'chat_id!:id message_id!:int',
  deleteMessages: 'chat_id!:id message_ids!:ints',
  answerCallbackQuery: 'callback_query_id!:str text:str show_alert:bool url:str cache_time:int',
  sendChatAction: 'business_connection_id:str chat_id!:id message_thread_id:int action!:str',
  getFile: 'file_id!:str',
  getChat: 'chat_id!:id',
  getChatMember: 'chat_id!:id user_id!:int',
  getChatAdministrators: 'chat_id!:id return_bots:bool',
  getChatMemberCount: 'chat_id!:id',
  createForumTopic: 'chat_id!:id name!:str icon_color:int icon_custom_emoji_id:str',
  editForumTopic: `${topic} name:str icon_custom_emoji_id:str`,
  closeForumTopic: topic,
  reopenForumTopic: topic,
  deleteForumTopic: topic,
  getForumTopicIconStickers: '',
  setMyCommands: 'commands!:commands scope:object language_code:str',
  setMyDescription: 'description:str language_code:str',
  setMyShortDescription: 'short_description:str language_code:str',
  setChatMenuButton: 'chat_id:int menu_button:object',
  pinChatMessage: 'business_connection_id:str chat_id!:id message_id!:int disable_notification:bool',
  unpinChatMessage: 'business_connection_id:str chat_id!:id message_id:int',
  setMessageReaction: 'chat_id!:id message_id!:int reaction:reactions is_big:bool',
  leaveChat: 'chat_id!:id',
} as const;

export type Method = keyof typeof SIGNATURES;

function readSignature(signature: string): readonly Parameter[] {
  return signature
    .split(' ')
    .filter((word) => word !== '')
    .map((word) => {
      const [name = '', type = 'str'] = word.split(':');
      return {
        name: name.replace('!', ''),
        type: type as ParameterType,
        required: name.endsWith('!'),
      };
    });
}

export const METHODS: ReadonlyMap<string, { name: Method; parameters: readonly Parameter[] }> = new Map(
  (Object.keys(SIGNATURES) as Method[]).map((name) => [
    // Telegram reads the method's name without regard to case.
    name.toLowerCase(),
    { name, parameters: readSignature(SIGNATURES[name]) },
  ]),
);

const captioned = 'caption parse_mode caption_entities';
const KEYBOARD = 'resize_keyboard one_time_keyboard is_persistent input_field_placeholder selective';

/** Fields allowed inside the objects a caller builds. */
export const OBJECT_FIELDS = {
  inlineButton:
    'text icon_custom_emoji_id style url callback_data web_app login_url switch_inline_query switch_inline_query_current_chat switch_inline_query_chosen_chat copy_text callback_game pay',
  inlineMarkup: 'inline_keyboard',
  replyMarkup: `keyboard ${KEYBOARD}`,
  replyButton:
    'text icon_custom_emoji_id style request_users request_chat request_managed_bot request_contact request_location request_poll web_app',
  removeMarkup: 'remove_keyboard selective',
  forceReply: 'force_reply input_field_placeholder selective',
  reply:
    'message_id chat_id allow_sending_without_reply quote quote_parse_mode quote_entities quote_position checklist_task_id poll_option_id',
  preview: 'is_disabled url prefer_small_media prefer_large_media show_above_text',
  entity: 'type offset length url user language custom_emoji_id unix_time date_time_format',
  photo: `type media ${captioned} show_caption_above_media has_spoiler`,
  video: `type media thumbnail cover start_timestamp ${captioned} show_caption_above_media width height duration supports_streaming has_spoiler`,
  audio: `type media thumbnail ${captioned} duration performer title`,
  document: `type media thumbnail ${captioned} disable_content_type_detection`,
  command: 'command description',
  reaction: 'type emoji custom_emoji_id',
} as const;

export type ObjectKind = keyof typeof OBJECT_FIELDS;
