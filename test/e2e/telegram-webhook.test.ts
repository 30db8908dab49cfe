// The job in Telegram by webhook; a file of its own, so that it runs beside the polling one.
import { telegramJob } from './telegram-job.ts';

telegramJob('webhook');
