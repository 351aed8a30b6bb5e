// Finds the shard of a creditor, and does what concerns all shards: reserving a random id, listing all creditors.
//
// A shard is known by its routing key (`1.0.#`): it has the creditors whose id's MD5 begins with those bits.
import crypto from 'crypto';

// Ids that are taken make a reservation repeat; this often.
const RESERVATION_TRIES = 40;
const MAX_ID = [255, 255, 255, 255, 255, 255, 255, 255];
const PAGE_PATH = /^(\/creditors\/\d+\/enumerate)(?:\?(.*))?$/;

// Numbers of 64 bits are lists of 8 bytes here, as JavaScript's own are exact only up to 53 bits.

function isAbove(a, b) {
    for (let i = 0; i < 8; i++) {
        if (a[i] !== b[i]) {
            return a[i] > b[i];
        }
    }
    return false;
}

// The bytes of a number written in digits of a base; null if it needs more than 64 bits.
function parse(digits, base) {
    const bytes = [0, 0, 0, 0, 0, 0, 0, 0];
    for (let d = 0; d < digits.length; d++) {
        let carry = parseInt(digits[d], base);
        for (let i = 7; i >= 0; i--) {
            const value = bytes[i] * base + carry;
            bytes[i] = value & 255;
            carry = value >> 8;
        }
        if (carry > 0) {
            return null;
        }
    }
    return bytes;
}

function decimal(bytes) {
    const rest = bytes.slice();
    let digits = '';
    do {
        let remainder = 0;
        for (let i = 0; i < 8; i++) {
            const value = remainder * 256 + rest[i];
            rest[i] = Math.floor(value / 10);
            remainder = value % 10;
        }
        digits = remainder + digits;
    } while (isAbove(rest, [0, 0, 0, 0, 0, 0, 0, 0]));
    return digits;
}

// The two's complement of a number, which is what negative numbers are.
function negative(bytes) {
    const result = bytes.map((byte) => 255 - byte);
    for (let i = 7; i >= 0; i--) {
        result[i] = (result[i] + 1) & 255;
        if (result[i] !== 0) {
            break;
        }
    }
    return result;
}

// A limit of the ids, as in the configuration of the services: `0x…`, or decimal, with or without a sign.
function limit(text) {
    const match = /^(-?)(?:0x([0-9a-f]+)|([0-9]+))$/i.exec(text.trim());
    const bytes = match && (match[2] ? parse(match[2], 16) : parse(match[3], 10));
    if (!bytes) {
        throw new Error(`"${text}" is no limit of the creditors' ids`);
    }
    return match[1] ? negative(bytes) : bytes;
}

// Signed numbers compare like unsigned ones if their first bit is turned over.
function flipped(bytes) {
    return [bytes[0] ^ 128].concat(bytes.slice(1));
}

// An id from `min` to `max`, all with the same chance: bits above those of the span are cut off, and what is still
// above the span is thrown away, which is less than half.
function randomId(min, max) {
    const low = flipped(min);
    const span = difference(flipped(max), low);
    for (;;) {
        const offset = randomBelow(span);
        if (!isAbove(offset, span)) {
            return flipped(sum(low, offset));
        }
    }
}

function randomBelow(span) {
    const bytes = [];
    let leading = true;
    for (let i = 0; i < 8; i++) {
        let mask = 255;
        if (leading) {
            mask = 0;
            while (mask < span[i]) {
                mask = mask * 2 + 1;
            }
            leading = span[i] === 0;
        }
        bytes.push(Math.floor(Math.random() * 256) & mask);
    }
    return bytes;
}

function sum(a, b) {
    const result = a.slice();
    let carry = 0;
    for (let i = 7; i >= 0; i--) {
        const value = a[i] + b[i] + carry;
        result[i] = value & 255;
        carry = value >> 8;
    }
    return result;
}

function difference(a, b) {
    return sum(a, negative(b));
}

// The bits of the id's hash, as text: as many as a routing key can have.
function hashBits(id) {
    const hash = crypto.createHash('md5').update(Buffer.from(id)).digest();
    let bits = '';
    for (let i = 0; i < 3; i++) {
        bits += (256 + hash[i]).toString(2).slice(1);
    }
    return bits.slice(0, 20);
}

// The bits of all shards' routing keys, in order.
function shards(r) {
    const keys = r.variables.creditor_shards.trim().split(/\s+/);
    return keys.map((key) => {
        if (!/^(?:[01]\.){0,20}#$/.test(key)) {
            throw new Error(`"${key}" is no routing key of a shard`);
        }
        return key.slice(0, -1).split('.').join('');
    }).sort();
}

function upstream(bits) {
    return bits === '' ? 'shard' : 'shard-' + bits;
}

function shardOf(r, id) {
    const bits = hashBits(id);
    const found = shards(r).find((shard) => bits.startsWith(shard));
    if (found === undefined) {
        throw new Error(`no shard has the creditors whose hash begins with ${bits}`);
    }
    return found;
}

// The upstream that answers the request. Paths without an id, or with an impossible one, can be answered by all.
function shard(r) {
    const match = /^\/creditors\/([0-9]{1,20})(?:\/|$)/.exec(r.uri);
    const id = match && parse(match[1], 10);
    if (id) {
        return upstream(shardOf(r, id));
    }
    const all = shards(r);
    return upstream(all[Math.floor(Math.random() * all.length)]);
}

// A client learns the status, the body and its type, and nothing else.
function pass(r, reply) {
    const type = reply.headersOut['Content-Type'];
    if (type) {
        r.headersOut['Content-Type'] = type;
    }
    r.return(reply.status, reply.responseText);
}

async function reserve(r) {
    if (r.method !== 'POST') {
        r.internalRedirect('@shard');
        return;
    }
    const min = limit(r.variables.min_creditor_id);
    const max = limit(r.variables.max_creditor_id);
    const body = r.requestBuffer;
    let reply;
    for (let tries = 0; tries < RESERVATION_TRIES; tries++) {
        const id = randomId(min, max);
        const target = `/:${upstream(shardOf(r, id))}/creditors/${decimal(id)}/reserve`;
        const options = { method: 'POST', args: r.variables.args || '' };
        if (body) {
            options.body = body;
        }
        reply = await r.subrequest(target, options);
        if (reply.status !== 409) {
            break;
        }
    }
    pass(r, reply);
}

// All creditors are listed by going through the shards. Where a page belongs is in its links: `v=1-123` means the shard
// whose hashes begin with 1, and that the list began with the id 123. A shard that has been split since then is
// continued with its halves, so that a creditor may come twice, but is never left out.
async function enumerate(r) {
    if (r.method !== 'GET' && r.method !== 'HEAD') {
        r.internalRedirect('@shard');
        return;
    }
    const all = shards(r);
    const items = (r.variables.args || '').split('&').filter((item) => item !== '');
    const query = items.filter((item) => !item.startsWith('v=')).join('&');
    const place = placeOf(items) || { bits: all[0], start: r.uri.split('/')[2] };
    const index = all.findIndex((bits) => bits.startsWith(place.bits) || place.bits.startsWith(bits));
    const current = all[Math.max(index, 0)];

    const reply = await r.subrequest(`/:${upstream(current)}${r.uri}`, { method: 'GET', args: query });
    if (reply.status !== 200) {
        pass(r, reply);
        return;
    }
    const page = readPage(reply);
    page.uri = link(page.uri, current, place.start);
    const following = all[Math.max(index, 0) + 1];
    if (page.next !== undefined) {
        page.next = link(page.next, current, place.start);
    } else if (following !== undefined) {
        page.next = link(`/creditors/${place.start}/enumerate`, following, place.start);
    }
    r.headersOut['Content-Type'] = 'application/json';
    r.return(200, JSON.stringify(page));
}

function placeOf(items) {
    const match = /^v=([01]{0,20})-([0-9]{1,20})$/.exec(items.find((item) => item.startsWith('v=')) || '');
    return match && { bits: match[1], start: match[2] };
}

function link(uri, bits, start) {
    const match = PAGE_PATH.exec(uri);
    const query = match[2] ? match[2] + '&' : '';
    return `${match[1]}?${query}v=${bits}-${start}`;
}

// A page as the API promises it; everything else would break the chain in a way that nobody notices.
function readPage(reply) {
    const type = reply.headersOut['Content-Type'];
    const page = type === 'application/json' ? JSON.parse(reply.responseText) : {};
    const links = page.next === undefined ? [page.uri] : [page.uri, page.next];
    const sound = page.type === 'ObjectReferencesPage'
        && links.every((uri) => typeof uri === 'string' && PAGE_PATH.test(uri));
    if (!sound) {
        throw new Error('a shard has answered with something that is no page of creditors');
    }
    return page;
}

export default { shard, reserve, enumerate };
