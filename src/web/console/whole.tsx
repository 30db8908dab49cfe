// Words for the page in which numbers and codes are kept whole at a line's end.
import { wordsOf } from '../whole.ts';

export function Whole({ text }: { text: string }) {
  return wordsOf(text).map((word, n) =>
    word.whole ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the words of one text have no other name than their place.
      <span key={n} className="whole">
        {word.text}
      </span>
    ) : (
      word.text
    ),
  );
}
