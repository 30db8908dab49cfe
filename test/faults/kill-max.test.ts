// Kill -9 while people come by MAX; a file of its own, so that it runs beside the others.
import { daily } from './daily.ts';

daily(['max'], 14, 4);
