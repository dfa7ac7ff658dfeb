/* Frames in which every byte follows from the frame's number; CheckedFrames.java says the same in Java. */
#ifndef PAGEWIRE_CHECKED_FRAMES_H
#define PAGEWIRE_CHECKED_FRAMES_H

#include <stdint.h>
#include <string.h>

static inline uint64_t frame_mix(uint64_t x) {
    x = (x ^ (x >> 31)) * 0x9e3779b97f4a7c15u;
    return x ^ (x >> 29);
}

static inline uint64_t frame_word(uint64_t number, uint64_t at) {
    return at == 0 ? number : frame_mix(number * 0x100000001b3u + at / 8);
}

static inline uint64_t frame_length(uint64_t number, uint64_t frame_size) {
    return number % 4 == 1 ? frame_size : frame_mix(number) % (frame_size + 1);
}

static inline void frame_fill(char *window, uint64_t number, uint64_t length) {
    for (uint64_t at = 0; at < length; at += 8) {
        uint64_t word = frame_word(number, at);
        memcpy(window + at, &word, length - at < 8 ? length - at : 8);
    }
}

/* The first byte from where the frame is not what it should be; length when it is whole. */
static inline uint64_t frame_whole_up_to(const char *window, uint64_t number, uint64_t length) {
    for (uint64_t at = 0; at < length; at += 8) {
        uint64_t word = frame_word(number, at);
        if (memcmp(window + at, &word, length - at < 8 ? length - at : 8) != 0) {
            return at;
        }
    }
    return length;
}

#endif
