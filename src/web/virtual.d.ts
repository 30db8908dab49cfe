// What the build makes and TypeScript cannot see: the texts of the pages and their style files.
declare module 'virtual:texts/*' {
  const all: import('./words.ts').AllWords;
  export default all;
}
declare module '*.css';
