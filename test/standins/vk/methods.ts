// The methods a community bot may need, each with its parameters and the tokens it takes, after VK's schema 5.199.
// Data only; what a value may be is read in validate.ts.

export type ParameterType = 'int' | 'nat' | 'num' | 'bool' | 'str' | 'ints' | 'strs' | 'json';
export type TokenKind = 'group' | 'service';

export interface Parameter {
  readonly name: string;
  readonly type: ParameterType;
  /** Longest text, most items, or greatest number. */
  readonly most: number | undefined;
  readonly required: boolean;
}

export interface MethodFacts {
  readonly parameters: readonly Parameter[];
  readonly tokens: readonly TokenKind[];
}

/** Every method takes these besides its own. */
export const COMMON = ['access_token', 'v', 'lang', 'test_mode', 'https', 'captcha_sid', 'captcha_key'];

const EVENTS =
  'message_new message_reply message_allow message_deny message_edit message_read message_typing_state message_event message_reaction_event photo_new audio_new video_new wall_reply_new wall_reply_edit wall_reply_delete wall_reply_restore wall_post_new wall_repost board_post_new board_post_edit board_post_restore board_post_delete photo_comment_new photo_comment_edit photo_comment_delete photo_comment_restore video_comment_new video_comment_edit video_comment_delete video_comment_restore market_comment_new market_comment_edit market_comment_delete market_comment_restore poll_vote_new group_join group_leave group_change_settings group_change_photo group_officers_edit user_block user_unblock like_add like_remove donut_subscription_create donut_subscription_prolonged donut_subscription_cancelled donut_subscription_price_changed donut_subscription_expired donut_money_withdraw donut_money_withdraw_error';

/** The kinds of event that can be turned on and off. */
export const EVENT_KINDS: readonly string[] = EVENTS.split(' ');

/** `name:type`, then the most it may be, then `!` where it is required. */
const GROUP: Readonly<Record<string, string>> = {
  'groups.getById': 'group_ids:strs500 group_id:str fields:strs',
  'groups.getLongPollServer': 'group_id:nat!',
  'groups.getLongPollSettings': 'group_id:nat!',
  'groups.setLongPollSettings': `group_id:nat! enabled:bool api_version:str ${EVENT_KINDS.map((kind) => `${kind}:bool`).join(' ')}`,
  'groups.getCallbackConfirmationCode': 'group_id:nat!',
  'messages.send':
    'user_id:int random_id:int peer_id:int peer_ids:ints100 domain:str chat_id:nat message:str9000 lat:num long:num attachment:str9000 reply_to:int forward_messages:ints1000 forward:json sticker_id:nat group_id:nat keyboard:json template:json payload:str1000 content_source:json dont_parse_links:bool disable_mentions:bool intent:str subscribe_id:nat100',
  'messages.edit':
    'peer_id:int! message:str9000 lat:num long:num attachment:str keep_forward_messages:bool keep_snippets:bool group_id:nat dont_parse_links:bool disable_mentions:bool message_id:nat cmid:nat conversation_message_id:nat template:json keyboard:json',
  'messages.getConversations':
    'offset:nat count:nat200 filter:str extended:bool start_message_id:nat fields:strs group_id:nat',
  'messages.getHistory':
    'offset:int count:nat200 user_id:int peer_id:int start_message_id:int rev:nat1 extended:bool fields:strs group_id:nat',
  'messages.getById':
    'message_ids:ints100 preview_length:nat extended:bool fields:strs group_id:nat cmids:ints100 peer_id:int',
  'messages.getByConversationMessageId':
    'peer_id:int! conversation_message_ids:ints100! extended:bool fields:strs group_id:nat',
  'messages.sendMessageEventAnswer': 'event_id:str! user_id:int! peer_id:int! event_data:str1000',
  'messages.setActivity': 'user_id:int type:str peer_id:int group_id:nat',
  'messages.markAsRead':
    'message_ids:ints peer_id:int start_message_id:nat group_id:nat mark_conversation_as_read:bool up_to_cmid:nat',
  'messages.isMessagesFromGroupAllowed': 'group_id:nat! user_id:nat!',
  'photos.getMessagesUploadServer': 'peer_id:int',
  'photos.saveMessagesPhoto': 'photo:str! server:int hash:str',
  'docs.getMessagesUploadServer': 'type:str peer_id:int',
  'docs.getWallUploadServer': 'group_id:nat',
  'docs.save': 'file:str! title:str tags:str return_tags:bool',
  'users.get': 'user_ids:strs1000 fields:strs name_case:str',
  'wall.createComment':
    'owner_id:int post_id:nat! from_group:nat message:str reply_to_comment:int attachments:strs sticker_id:nat guid:str',
};

/** A community's token is refused here with error 27. */
const SERVICE: Readonly<Record<string, string>> = {
  'wall.getById': 'posts:strs! extended:bool copy_history_depth:int fields:strs',
  'wall.getComment': 'owner_id:int comment_id:nat! extended:bool fields:strs',
  'wall.getComments':
    'owner_id:int post_id:nat need_likes:bool start_comment_id:nat offset:int count:nat100 sort:str preview_length:nat extended:bool fields:strs comment_id:nat thread_items_count:nat10',
};

function readParameters(spec: string): readonly Parameter[] {
  return spec.split(' ').map((one) => {
    const found = /^(\w+):([a-z]+)(\d+)?(!)?$/.exec(one);
    if (found === null) throw new Error(`cannot read the parameter "${one}"`);
    const [, name = '', type, most, required] = found;
    return {
      name,
      type: type as ParameterType,
      most: most === undefined ? undefined : Number(most),
      required: required !== undefined,
    };
  });
}

const factsOf = (table: Readonly<Record<string, string>>, tokens: readonly TokenKind[]) =>
  Object.entries(table).map(([name, spec]): [string, MethodFacts] => [
    name,
    { parameters: readParameters(spec), tokens },
  ]);

export const METHODS: ReadonlyMap<string, MethodFacts> = new Map([
  ...factsOf(GROUP, ['group']),
  ...factsOf(SERVICE, ['service']),
]);
