/**
 * Phrases that everybody knows, and so do those who guess: a quotation is one guess, however long
 * it is. Letters alone.
 */
const FAMOUS = `
correct horse battery staple
to be or not to be that is the question
it was the best of times it was the worst of times
call me ishmael
it is a truth universally acknowledged
all happy families are alike
in the beginning god created the heaven and the earth
in the beginning was the word
our father who art in heaven
the lord is my shepherd
we hold these truths to be self evident
we the people of the united states
four score and seven years ago
i have a dream
ask not what your country can do for you
the only thing we have to fear is fear itself
one small step for man one giant leap for mankind
i think therefore i am
once upon a time
it was a bright cold day in april
in a hole in the ground there lived a hobbit
all that is gold does not glitter
one ring to rule them all
not all those who wander are lost
you shall not pass
winter is coming
a game of thrones
may the force be with you
a long time ago in a galaxy far far away
luke i am your father
live long and prosper
to infinity and beyond
heres looking at you kid
frankly my dear i dont give a damn
ill be back
i see dead people
houston we have a problem
life is like a box of chocolates
the lord of the rings
harry potter and the philosophers stone
harry potter and the sorcerers stone
the shawshank redemption
the silence of the lambs
gone with the wind
back to the future
the empire strikes back
the good the bad and the ugly
the hitchhikers guide to the galaxy
dont panic
the answer is forty two
the quick brown fox jumps over the lazy dog
lorem ipsum dolor sit amet
happy birthday to you
twinkle twinkle little star
mary had a little lamb
somewhere over the rainbow
never gonna give you up
let it be
imagine all the people
we will rock you
hello darkness my old friend
is this the real life is this just fantasy
sein oder nicht sein das ist hier die frage
es war einmal
alle meine entchen
je pense donc je suis
liberte egalite fraternite
longtemps je me suis couche de bonne heure
aujourdhui maman est morte
en un lugar de la mancha de cuyo nombre no quiero acordarme
nel mezzo del cammin di nostra vita
veni vidi vici
carpe diem
`
  .trim()
  .split("\n")
  .map(letters)
  // The longest first: what it leaves holds no part of it.
  .sort((a, b) => b.length - a.length);

/** What is left of a passphrase without the quotations in it, and how many they were. */
export function withoutQuotations(passphrase: string): { rest: string; count: number } {
  let rest = letters(passphrase);
  let count = 0;
  for (const phrase of FAMOUS) {
    if (!rest.includes(phrase)) continue;
    rest = rest.replace(phrase, "");
    count += 1;
  }
  return { rest, count };
}

function letters(text: string): string {
  return text
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}
