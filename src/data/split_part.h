/* The part of a split that a (user, product) pair belongs to. The first three are stored, in
 * split_pairs.part; the others follow from the split's entries. */
#ifndef LB_DATA_SPLIT_PART_H
#define LB_DATA_SPLIT_PART_H

typedef enum split_part {
    PART_TRAIN = 0,
    PART_VALID = 1,
    PART_TEST = 2,
    PART_EMPTIED =
        3,        /* dropped: its product was emptied and this is not the part it was kept for */
    PART_FEW = 4, /* dropped because its user has too few products */
    PART_OUTSIDE = 5, /* not in a given split */
    PART_UNTESTED = 6 /* valid or test, but its user has no training pair left */
} split_part;

#endif
