// The page of the server's own camera: how it is, what it sees, and the portrait that it moves.
const at = (id) => document.getElementById(id);
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function follow() {
  for (;;) {
    try {
      const answer = await fetch("api/camera");
      const camera = await answer.json();
      if (!answer.ok) throw new Error(camera.error?.message);
      const view = "view/" + encodeURIComponent(camera.session);
      if (at("portrait").getAttribute("src") !== view) at("portrait").src = view;
      const words = camera.message || "The camera " + camera.id + " is " + camera.state + ".";
      if (at("words").textContent !== words) at("words").textContent = words;
      at("format").textContent = camera.format ? `${camera.format}, ${camera.fps.toFixed(0)} pictures a second` : "The camera is not open";
      at("session").textContent = "The portrait, session " + camera.session;
      listen(camera.microphone);
    } catch (error) {
      at("words").textContent = error instanceof Error && error.message ? error.message : "The server does not answer; it is asked again.";
    }
    await pause(1000);
  }
}

/** Says how the microphone is, if there is one. */
function listen(microphone) {
  at("speaks").hidden = !microphone;
  if (!microphone) return;
  const words = microphone.message || "The microphone " + microphone.id + " is " + microphone.state + ".";
  if (at("heard").textContent !== words) at("heard").textContent = words;
  at("level").value = microphone.level ** 0.5; // as loud as it seems, roughly
}

async function look() {
  let shown = "";
  for (;;) {
    try {
      const answer = await fetch("api/camera/picture.jpg");
      if (answer.ok) {
        const url = URL.createObjectURL(await answer.blob());
        at("seen").src = url;
        await at("seen").decode();
        URL.revokeObjectURL(shown);
        shown = url;
      } else {
        await pause(500);
      }
    } catch {
      await pause(1000); // follow says why
    }
    await pause(100);
  }
}

void follow();
void look();
