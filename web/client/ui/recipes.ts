/** How the portrait gets into one program after another, and how far that has been tried. */
export interface Recipe {
  program: string;
  /** What to do, in order. */
  steps: readonly string[];
  /** What was tried of it, and what was not. */
  tried: string;
}

/** Programs that take any camera of the system: what to do there is alike. */
const BY_OBS = "Or without it: add the 16:9 address below to OBS as a browser source, start OBS’ virtual camera, and choose that as your camera.";
const NOT_TRIED = "The extension was tried in Chromium on pages of our own, and the address below in Chromium;";

function web(program: string, choose: string, untried: string): Recipe {
  return {
    program, tried: `${NOT_TRIED} ${untried}`,
    steps: [`With Gioconda’s browser extension: ${choose}, and take the camera “Gioconda”.`, BY_OBS],
  };
}

function app(program: string, choose: string): Recipe {
  return {
    program, tried: `The address below was tried in Chromium; OBS, its virtual camera and the program itself were not.`,
    steps: [
      "No extension reaches a program outside the browser. Add the 16:9 address below to OBS as a browser source, 1280 by 720.",
      "Start OBS’ virtual camera; on Linux, “gioconda doctor” says whether Gioconda can be a camera itself.", choose,
    ],
  };
}

function stream(program: string, where: string): Recipe {
  return {
    program, tried: `RTMP was tried with nginx and ffmpeg as the other side; ${program} itself was not, nor RTMPS anywhere.`,
    steps: [`In ${where}, find the server’s address and your stream key.`, "Put both into the card for RTMP below and press Start."],
  };
}

export const RECIPES: readonly Recipe[] = [
  web("Google Meet", "open Meet, choose Settings, Video", "Meet itself was not. Give it 16:9: below 720 lines it has been seen to freeze."),
  web("Microsoft Teams in the browser", "open Teams, choose Settings, Devices", "Teams itself was not."),
  app("The Teams app", "In Teams choose Settings, Devices, and the virtual camera."),
  web("Zoom in the browser", "join from the browser, open the menu beside Stop Video", "Zoom itself was not."),
  app("The Zoom app", "In Zoom open the menu beside Stop Video and choose the virtual camera."),
  web("Discord", "open Discord in the browser, choose User Settings, Voice & Video", "Discord itself was not. Its app takes the way over OBS."),
  web("Jitsi Meet", "open the room, choose Settings, Video", "Jitsi itself was not."),
  web("Slack", "open Slack in the browser, join a huddle, choose More, Settings", "Slack itself was not. Its app takes the way over OBS."),
  {
    program: "OBS Studio", tried: "The address was tried in Chromium, over a checkerboard and over video; OBS itself was not.",
    steps: [
      "Add a source, Browser, and paste the address below: with a transparent background it lies over your scene.",
      "Set width and height as the card says, and leave “Shutdown source when not visible” off.",
    ],
  },
  stream("Twitch", "the Creator Dashboard, Settings, Stream"),
  stream("YouTube", "YouTube Studio, Go live, Stream"),
];
