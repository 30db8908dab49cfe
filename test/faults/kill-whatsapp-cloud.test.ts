// Kill -9 while people come by WhatsApp through the Business Cloud API; a file of its own, so that it runs beside the others.
import { daily } from './daily.ts';

daily(['whatsapp-cloud'], 14, 4);
