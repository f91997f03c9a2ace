/* The part of a split that a (user, product) pair belongs to, as stored in split_pairs.part. */
#ifndef LB_DATA_SPLIT_PART_H
#define LB_DATA_SPLIT_PART_H

enum {
    PART_TRAIN = 0,
    PART_VALID = 1,
    PART_TEST = 2,
    PART_EMPTIED = 3, /* dropped to make its product cold */
    PART_FEW = 4,     /* dropped because its user has too few products */
    PART_OUTSIDE = 5, /* not in a given split */
    PART_UNTESTED = 6 /* valid or test, but its user has no training pair left */
};

#endif
