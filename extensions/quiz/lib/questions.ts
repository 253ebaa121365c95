/** A question, what may be answered, and which of that is right. */
export interface Question {
  text: string;
  choices: readonly string[];
  right: number;
}

export const QUESTIONS: readonly Question[] = [
  { text: "How many hearts has an octopus?", choices: ["one", "two", "three"], right: 2 },
  { text: "Which planet has the shortest day?", choices: ["Jupiter", "Mars", "Venus"], right: 0 },
  { text: "What is 6 × 7?", choices: ["36", "42", "48"], right: 1 },
  { text: "Which of these is a fruit to botanists?", choices: ["rhubarb", "cucumber", "carrot"], right: 1 },
  { text: "Which ocean is the smallest?", choices: ["Arctic", "Indian", "Atlantic"], right: 0 },
];
