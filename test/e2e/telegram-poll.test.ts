// The job in Telegram by long polling; a file of its own, so that it runs beside the webhook's.
import { telegramJob } from './telegram-job.ts';

telegramJob('poll');
