// The floor: a switch written by hand over objects in a Map. Nothing can play the dialogue for less and still play it.
import {
  askComment,
  askContact,
  askQuestion,
  askReason,
  askScore,
  closing,
  farewell,
  readComment,
  readContact,
  readReason,
  readScore,
} from './by-hand.ts';
import type { Contact, Contender, Dialogue, Heard, Said, Save } from './dialogue.ts';

interface NpsState {
  step: 'score' | 'reason' | 'comment' | 'contact';
  score?: number;
  reason?: string;
  comment?: string;
}

export function createFloor(dialogue: Dialogue, save: Save): Contender {
  return dialogue.kind === 'nps' ? npsFloor(save) : surveyFloor(dialogue.questions, save);
}

function npsFloor(save: Save): Contender {
  const states = new Map<number, NpsState>();
  return {
    kept: ({ id }) => states.get(id),
    hear(contact: Contact, heard: Heard): Said {
      const { id, locale } = contact;
      const state = states.get(id);
      if (!state || heard.kind === 'start') {
        states.set(id, { step: 'score' });
        return askScore(locale);
      }
      switch (state.step) {
        case 'score': {
          const score = readScore(heard);
          if (score === undefined) return askScore(locale);
          states.set(id, { step: 'reason', score });
          return askReason(locale, score);
        }
        case 'reason': {
          const reason = readReason(heard, locale);
          if (reason === undefined) return askReason(locale, state.score!);
          states.set(id, { ...state, step: 'comment', reason });
          return askComment(locale, state.score!);
        }
        case 'comment': {
          const comment = readComment(heard);
          if (comment === undefined) return askComment(locale, state.score!);
          states.set(id, { ...state, step: 'contact', comment });
          return askContact(locale);
        }
        case 'contact': {
          const allowed = readContact(heard);
          if (allowed === undefined) return askContact(locale);
          const outcome = {
            score: state.score!,
            reason: state.reason!,
            comment: state.comment!,
            contact: allowed,
          };
          save(contact, outcome);
          states.delete(id);
          return closing(locale, outcome);
        }
      }
    },
  };
}

function surveyFloor(questions: number, save: Save): Contender {
  const states = new Map<number, number[]>();
  return {
    kept: ({ id }) => states.get(id),
    hear(contact: Contact, heard: Heard): Said {
      const { id, locale } = contact;
      const answers = states.get(id);
      if (!answers || heard.kind === 'start') {
        states.set(id, []);
        return askQuestion(locale, 1);
      }
      const score = readScore(heard);
      if (score !== undefined) answers.push(score);
      if (answers.length < questions) return askQuestion(locale, answers.length + 1);
      save(contact, Object.fromEntries(answers.map((answer, n) => [`q${n + 1}`, answer])));
      states.delete(id);
      return farewell(locale);
    },
  };
}
