// Runs the steps of HubSpot's client against a server, and prints what each came to as a line of JSON.
//
//     node run.js < ground.json
//
// `ground.json` tells the server's url, its token and what else the steps need. Nothing is judged here.
import * as associations from './associations.js';
import * as calls from './calls.js';
import * as definitions from './definitions.js';
import * as objects from './objects.js';
import * as oauth from './oauth.js';
import { text } from 'node:stream/consumers';

const ROOMS = { objects, calls, associations, definitions, oauth };

const ground = JSON.parse(await text(process.stdin));
for (const [room, steps] of Object.entries(ROOMS)) {
  for (const [name, step] of Object.entries(steps)) {
    const line = { step: `${room}.${name}` };
    try {
      line.came = await step(ground);
    } catch (error) {
      line.failed = error.stack;
    }
    console.log(JSON.stringify(line));
  }
}
